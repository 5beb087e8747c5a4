import type { system } from '../../contract/api/system.ts';
import { DAY, type Millis } from '../../core/base/time.ts';
import { refuse } from '../../core/base/result.ts';
import type { Due } from '../../core/change/change.ts';
import type { World } from '../../world.ts';
import type { Verbs } from '../parts.ts';

/** One part of the server: how it is, and its figures. */
export interface Part {
  readonly name: string;
  readonly state: 'ok' | 'degraded' | 'down';
  readonly message: string;
  readonly figures: Readonly<Record<string, number | string>>;
}

/** The demonstration: its marker file makes the rule `Demo` fire. */
export interface DemoPart {
  /** Whether there is a local agent that reads the marker. */
  isAvailable(): boolean;
  isSet(): Promise<boolean>;
  set(): Promise<void>;
}

export interface SystemContext {
  readonly world: Pick<World, 'store' | 'clock' | 'agents'>;
  readonly version: string;
  readonly status: () => Promise<readonly Part[]>;
  readonly demo: DemoPart;
}

const LISTED = 100;
/** Runs of the last day counted for the overview; more are shown as this many. */
const COUNTED = 500;

export function systemVerbs(context: SystemContext): Verbs<typeof system> {
  const { world, version, status, demo } = context;
  return {
    status: async () => {
      const parts = await status();
      const state = parts.some((part) => part.state === 'down')
        ? 'down'
        : parts.some((part) => part.state === 'degraded')
          ? 'degraded'
          : 'ok';
      return { ok: { version, startedAt: world.clock.startedAt, now: world.clock.now(), state, parts } };
    },
    overview: async () => ({ ok: await viewOverview(world) }),
    due: async () => ({ ok: { items: (await world.store.agenda(LISTED)).map(viewDue) } }),
    demo: async () => ({ ok: await viewDemo(context) }),
    tryDemo: async () => {
      if (!demo.isAvailable()) return refuse('unavailable', 'The demonstration needs the local agent, and that is not running.');
      await demo.set();
      return { ok: await viewDemo(context) };
    },
  };
}

async function viewDemo({ world, demo }: SystemContext) {
  const [open, active] = await Promise.all([world.store.openAlerts('Demo'), demo.isSet()]);
  const alert = open[0]?.id ?? (await world.store.findAlerts({ rule: 'Demo', limit: 1 })).items[0]?.id ?? null;
  const run = alert === null ? null : ((await world.store.findRuns({ alert, limit: 1 })).items[0]?.id ?? null);
  return { available: demo.isAvailable(), active: active || open.length > 0, alert, run };
}

async function viewOverview(world: SystemContext['world']) {
  const now: Millis = world.clock.now();
  const [counts, open, recent, advice, hosts] = await Promise.all([
    world.store.countAlerts(),
    world.store.openRuns({}),
    world.store.findRuns({ from: now - DAY, limit: COUNTED }),
    world.store.findAdvice({ open: true, limit: COUNTED }),
    world.store.hosts(),
  ]);
  const count = (key: string): number => counts[key] ?? 0;
  return {
    alerts: {
      firing: count('firing'),
      pending: count('pending'),
      critical: count('critical'),
      error: count('error'),
      warning: count('warning'),
      notice: count('notice'),
      unknown: count('unknown'),
    },
    runs: {
      open: open.length,
      awaitingApproval: open.filter((run) => run.value.state === 'awaiting approval').length,
      lastDay: recent.items.length,
      lastDaySucceeded: recent.items.filter((run) => run.state === 'succeeded').length,
      lastDayFixed: recent.items.filter((run) => run.verification === 'fixed').length,
    },
    recommendations: { active: advice.items.length },
    hosts: { total: hosts.length, connected: hosts.filter((host) => world.agents.isConnected(host.value.name)).length },
  };
}

const WHAT: Readonly<Record<Due['kind'], string>> = {
  alert: 'judge the alert again',
  group: 'tell the channel',
  message: 'send the message',
  run: 'look at the run',
  verify: 'see whether the alert cleared',
  host: 'look whether the agent is there',
  watchdog: 'check the invariants',
  retain: 'forget old history',
};

function viewDue(due: Due) {
  return { ...due, what: WHAT[due.kind] };
}
