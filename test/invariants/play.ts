import assert from 'node:assert/strict';
import type { Principal } from '../../src/core/access/actor.ts';
import type { Alert } from '../../src/core/alerts/alert.ts';
import type { ForeignAlert } from '../../src/core/alerts/foreign.ts';
import { formatProblem } from '../../src/core/base/problem.ts';
import type { Labels } from '../../src/core/base/labels.ts';
import { parseConfig } from '../../src/core/config/parse-config.ts';
import type { Settings } from '../../src/core/config/settings.ts';
import { Simulation, type SimulationOptions } from '../../src/sim/simulation.ts';

export const START = Date.UTC(2026, 0, 1);

export function settingsOf(text: string): Settings {
  const { value, problems } = parseConfig([{ path: 'invariants.yml', text }], { builtIn: null });
  assert.ok(value !== null, problems.map(formatProblem).join('\n'));
  return value;
}

/** The engine and its database in simulated time, under this configuration. */
export function simulate(text: string, over: Partial<SimulationOptions> = {}): Simulation {
  return new Simulation({
    settings: settingsOf(text),
    start: START,
    seed: 1,
    hosts: ['web-1'],
    behaviour: () => ({ takes: 1_000, exitCode: 0 }),
    ...over,
  });
}

export const alice: Principal = { actor: { kind: 'user', name: 'alice' }, role: 'admin', teams: [], actions: null };

export function stated(labels: Labels, over: Partial<ForeignAlert> = {}): ForeignAlert {
  return { labels, annotations: {}, startsAt: null, endsAt: null, generatorUrl: '', status: 'firing', ...over };
}

/** All alerts of this name, newest first. */
export async function alertsNamed(simulation: Simulation, name: string): Promise<readonly Alert[]> {
  const { items } = await simulation.store.findAlerts({ limit: 500 });
  return items.filter((alert) => alert.labels['alertname'] === name);
}

/** What the channel received, as `STATUS NAME...` of each message. */
export function heard(simulation: Simulation, channel: string): string[] {
  return simulation.received
    .filter((message) => message.channel === channel)
    .map(({ status, body }) =>
      [status, ...(body.webhook?.alerts ?? []).map((alert) => `${alert.status}:${alert.labels['alertname']}`)].join(' '),
    );
}
