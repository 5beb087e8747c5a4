import type { Actor } from '../core/access/actor.ts';
import type { EndKind } from '../core/actions/step-run.ts';
import { MINUTE, NEVER, type Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Host } from '../core/hosts/host.ts';
import type { World } from '../world.ts';
import { applyRunEvent } from './act.ts';
import { decideAndCommit, put, sleepUntil, wake } from './change.ts';
import { clearTrouble, raiseTrouble } from './trouble.ts';

/** What an agent says of a run, output aside. */
export type RunReport =
  | { readonly type: 'accepted'; readonly run: string; readonly fence: number; readonly at: Millis }
  | { readonly type: 'started'; readonly run: string; readonly fence: number; readonly at: Millis }
  | {
      readonly type: 'finished';
      readonly run: string;
      readonly fence: number;
      readonly at: Millis;
      readonly how: EndKind;
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly message: string;
      readonly outputBytes: number;
      readonly outputTruncated: boolean;
    };

/** How an agent introduces itself. */
export interface HostHello {
  readonly os: string;
  readonly version: string;
  readonly local: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly allowedActions: readonly string[] | null;
  /** The runs it knows. */
  readonly runs: readonly string[];
}

type Part = Pick<World, 'store' | 'clock'>;

/**
 * A fact about a run, from the agent of the host it was ordered to; anybody else's word and an older fence's are passed over. When this
 * returns, the fact is durable. Repeated facts change nothing.
 */
export async function receiveRunReport(world: Part, host: string, report: RunReport): Promise<void> {
  const who = agentOf(host);
  await applyRunEvent(world, { id: report.run, event: report, who, accept: (run) => run.host === host && run.fence === report.fence });
}

/** An agent is here: remembered, no longer silent, and the runs that wait for it are woken. Runs it has never heard of were lost. */
export async function receiveHello(world: Part, settings: Settings, host: string, hello: HostHello): Promise<void> {
  // Read before anything else: what begins from now on was ordered after the agent said what it knows.
  const before = await world.store.openRuns({ host });
  await decideAndCommit(world, async () => {
    const now = world.clock.now();
    const row = await world.store.load('host', host);
    const { runs: _runs, version, ...rest } = hello;
    const value: Host = { name: host, firstSeenAt: row.value?.firstSeenAt ?? now, lastSeenAt: now, agentVersion: version, ...rest };
    const waiting = (await world.store.openRuns({ host })).filter(
      (run) => run.value.state === 'queued' || run.value.state === 'starting' || run.value.state === 'cancelling',
    );
    const writes = [put(row, value), wake('host', host, now + MINUTE), ...waiting.map((run) => wake('run', run.id, now))];
    const why = row.value === null ? `agent ${version} of ${host} appeared` : `agent ${version} of ${host} connected`;
    return { change: { who: agentOf(host), why, about: [`host/${host}`], writes }, answer: null };
  });
  await clearTrouble(world, settings, silence(host));
  for (const run of before) {
    const lost = run.value.state === 'running' && !hello.runs.includes(run.id);
    if (lost) await reportLost(world, host, run.id, run.value.fence);
  }
}

async function reportLost(world: Part, host: string, run: string, fence: number): Promise<void> {
  const at = world.clock.now();
  const message = `the agent of ${host} does not know this run any more`;
  const unknown = { exitCode: null, signal: null, message, outputBytes: 0, outputTruncated: false };
  await receiveRunReport(world, host, { type: 'finished', run, fence, at, how: 'lost', ...unknown });
}

/** The agent's connection is gone: it is given the configured time before anybody is told. */
export async function receiveGone(world: Part, settings: Settings, host: string): Promise<void> {
  await decideAndCommit(world, async () => {
    const now = world.clock.now();
    const row = await world.store.load('host', host);
    if (row.value === null) return { change: null, answer: null };
    const writes = [put(row, { ...row.value, lastSeenAt: now }), wake('host', host, now + settings.agentSilentAfter)];
    return { change: { who: agentOf(host), why: `agent of ${host} disconnected`, about: [`host/${host}`], writes }, answer: null };
  });
}

/** Once a minute: a connected agent is noted, a silent one raises an alert. */
export async function watchHost(world: World, settings: Settings, host: string, now: Millis): Promise<void> {
  const row = await world.store.load('host', host);
  if (row.value === null) return sleepUntil(world, row, { kind: 'host', at: NEVER });
  const silentAt = Math.max(row.value.lastSeenAt, world.clock.startedAt) + settings.agentSilentAfter;
  const connected = world.agents.isConnected(host);
  const next = connected || now >= silentAt ? now + MINUTE : silentAt;
  const value = connected ? { ...row.value, lastSeenAt: now } : row.value;
  const change = { at: now, who: agentOf(host), why: 'watched', about: [], writes: [put(row, value), wake('host', host, next)] };
  if ((await world.store.commit(change)) === 'stale') return;
  // Also when it is connected: an agent may have come back while it was being called silent.
  if (connected) await clearTrouble(world, settings, silence(host));
  else if (now >= silentAt) {
    const summary = `The agent of ${host} is silent: nothing is known of this host`;
    await raiseTrouble(world, settings, { ...silence(host), severity: 'error' }, summary);
  }
}

function silence(host: string): { readonly alertname: string; readonly instance: string } {
  return { alertname: 'AgentSilent', instance: host };
}

function agentOf(host: string): Actor {
  return { kind: 'agent', name: host };
}
