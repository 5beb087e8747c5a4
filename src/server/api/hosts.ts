import type { hosts } from '../../contract/api/hosts.ts';
import type { Alert } from '../../core/alerts/alert.ts';
import { alertHost } from '../../core/alerts/alert.ts';
import { compareSeverity, type Severity } from '../../core/alerts/severity.ts';
import { refuse } from '../../core/base/result.ts';
import type { Host } from '../../core/hosts/host.ts';
import type { World } from '../../world.ts';
import type { Verbs } from '../parts.ts';

export interface HostsContext {
  readonly world: Pick<World, 'store' | 'agents'>;
}

/** Alerts counted for the hosts' states; beyond this many the worst are not all seen. */
const FIRING_LIMIT = 500;

export function hostVerbs({ world }: HostsContext): Verbs<typeof hosts> {
  const all = async () => {
    const [rows, firing] = await Promise.all([world.store.hosts(), world.store.findAlerts({ states: ['firing'], limit: FIRING_LIMIT })]);
    const sorted = rows.map((row) => row.value).sort((a, b) => a.name.localeCompare(b.name));
    return sorted.map((host) => viewHost(world, host, firing.items));
  };
  return {
    list: async () => ({ ok: { items: await all() } }),
    agents: async () => ({ ok: { items: await all() } }),
    targets: async ({ query }) => ({ ok: (await all()).map((host) => targetGroup(host, query.port)) }),
    get: async ({ params }) => {
      const row = await world.store.load('host', params.name);
      if (row.value === null) return refuse('not_found', `There is no host named ${params.name.slice(0, 100)}.`);
      const firing = await world.store.findAlerts({ states: ['firing'], host: params.name, limit: FIRING_LIMIT });
      return { ok: viewHost(world, row.value, firing.items) };
    },
  };
}

/** What is known of a host stands in labels that relabelling sees and Prometheus does not keep; the agent's own labels are kept. */
function targetGroup({ name, os, connected, labels }: ReturnType<typeof viewHost>, port: number) {
  const address = name.includes(':') ? `[${name}]` : name;
  const meta = { __meta_tocsin_host: name, __meta_tocsin_os: os, __meta_tocsin_connected: String(connected) };
  return { targets: [`${address}:${port}`], labels: { ...labels, ...meta } };
}

function viewHost(world: HostsContext['world'], host: Host, firing: readonly Alert[]) {
  const mine = firing.filter((alert) => alertHost(alert.labels) === host.name);
  const connected = world.agents.isConnected(host.name);
  let severity: Severity = connected ? 'none' : 'unknown';
  for (const alert of mine) if (compareSeverity(alert.severity, severity) < 0) severity = alert.severity;
  return { ...host, connected, severity, firing: mine.length };
}
