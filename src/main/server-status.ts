import { describeHealth } from './series-document.ts';
import type { SettingsHolder } from './settings-holder.ts';
import type { LocalAgent } from '../io/local-agent.ts';
import type { SeriesStore } from '../io/series/store.ts';
import type { Part } from '../server/api/system.ts';
import type { World } from '../world.ts';

export interface StatusSources {
  readonly world: Pick<World, 'store' | 'clock' | 'agents'>;
  readonly series: SeriesStore;
  readonly settings: SettingsHolder;
  readonly localAgent: () => LocalAgent | null;
}

/** A moment that is overdue for longer says that the loop does not keep up. */
const LATE_MS = 10_000;

/** Every part of the server and how it is, for the status page and the command. */
export function statusOf(sources: StatusSources): () => Promise<readonly Part[]> {
  return async () => [
    configurationPart(sources),
    await statePart(sources),
    await seriesPart(sources),
    await loopPart(sources),
    await agentsPart(sources),
  ];
}

function configurationPart({ settings }: StatusSources): Part {
  const { rules, actions, triggers, channels } = settings.current();
  const figures = { rules: rules.size, actions: actions.size, triggers: triggers.size, channels: channels.size };
  const wrong = settings.problems.length;
  if (wrong === 0) return { name: 'configuration', state: 'ok', message: 'in force as it is on disk', figures };
  return { name: 'configuration', state: 'degraded', message: `${wrong} problems on disk, the last good one is in force`, figures };
}

async function statePart({ world }: StatusSources): Promise<Part> {
  try {
    const counts = await world.store.countAlerts();
    return {
      name: 'state',
      state: 'ok',
      message: 'answers',
      figures: { alerts_firing: counts['firing'] ?? 0, alerts_pending: counts['pending'] ?? 0 },
    };
  } catch (error) {
    return { name: 'state', state: 'down', message: String(error), figures: {} };
  }
}

async function seriesPart({ series }: StatusSources): Promise<Part> {
  if (!series.isOpen)
    return { name: 'series', state: 'degraded', message: 'starting: it reads its journal, samples are refused', figures: {} };
  try {
    const status = await series.status();
    const figures = {
      series: status.series,
      samples: status.samples,
      memory_bytes: status.memoryBytes,
      journal_bytes: status.journalBytes,
      blocks: status.blocks,
    };
    const { forwarding } = status;
    const forwarded = forwarding !== null && {
      forwarded: forwarding.delivered,
      refused: forwarding.refused,
      waiting_bytes: forwarding.waitingBytes,
    };
    return { name: 'series', ...describeHealth(status), figures: { ...figures, ...forwarded } };
  } catch (error) {
    return { name: 'series', state: 'down', message: String(error), figures: {} };
  }
}

async function loopPart({ world }: StatusSources): Promise<Part> {
  const [next] = await world.store.agenda(1);
  const late = next === undefined ? 0 : Math.max(0, world.clock.now() - next.at);
  const stuck = (next?.failures ?? 0) > 0;
  const figures = { late_ms: late };
  if (late < LATE_MS && !stuck) return { name: 'loop', state: 'ok', message: 'in time', figures };
  return { name: 'loop', state: 'degraded', message: `${next?.kind} ${next?.id} is ${Math.round(late / 1000)} s late`, figures };
}

async function agentsPart({ world, localAgent }: StatusSources): Promise<Part> {
  const hosts = await world.store.hosts();
  const away = hosts.filter((host) => !world.agents.isConnected(host.value.name)).length;
  const agent = localAgent();
  const figures = { hosts: hosts.length, away, local_agent_restarts: agent?.restarts() ?? 0 };
  if (agent !== null && agent.pid() === null)
    return { name: 'agents', state: 'degraded', message: 'the local agent is not running', figures };
  return {
    name: 'agents',
    state: away === 0 ? 'ok' : 'degraded',
    message: away === 0 ? 'all connected' : `${away} of ${hosts.length} are away`,
    figures,
  };
}
