import { SYSTEM, type Actor } from '../core/access/actor.ts';
import { buildArgv, buildEnvironment, secretNames } from '../core/actions/parameters.ts';
import { buildRequest } from '../core/actions/http-call.ts';
import { isFinal, type Run } from '../core/actions/run.ts';
import { stepRun, wakeOf, type RunEvent, type RunStep } from '../core/actions/step-run.ts';
import { alertEnvironment } from '../core/actions/trigger.ts';
import { NEVER, SECOND, type Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Found, Write } from '../core/change/change.ts';
import type { Order } from '../core/actions/order.ts';
import type { World } from '../world.ts';
import { concernsUnknown, followUnknown } from './follow-unknown.ts';
import { decideAndCommit, find, isFound, neverWake, put, sleepUntil, wake } from './change.ts';

/** How often a run that waits for its agent looks whether it is there; a connecting agent wakes it at once. */
const LOOK_AGAIN: Millis = 15 * SECOND;
/** Fewer than an agent refuses above (32): what is more stays queued instead of being refused. */
const AT_ONCE_PER_HOST = 24;

/** The one place where the state of a run changes, whoever caused it. Gives null when there is no such run. */
export async function applyRunEvent(
  world: Pick<World, 'store' | 'clock'>,
  change: { readonly id: string; readonly event: RunEvent; readonly who: Actor; readonly accept?: (run: Run) => boolean },
): Promise<RunStep | null> {
  return decideAndCommit(world, async () => {
    const row = await find(world.store, 'run', change.id);
    if (row === null || change.accept?.(row.value) === false) return { change: null, answer: null };
    const now = world.clock.now();
    const step = stepRun(row.value, change.event, now);
    if (!step.changed) return { change: null, answer: step };
    const { run, writes, why } = await verifyAtEnd(world, row, step, now);
    const about = [`run/${row.id}`, ...(run.alert === null ? [] : [`alert/${run.alert}`])];
    return {
      change: {
        who: change.who,
        why: `${run.action}: ${run.state}, ${run.reason}${why}`,
        about,
        writes: [put(row, run), ...wakes(row.value, { ...step, run }, now), ...writes],
      },
      answer: { ...step, run },
    };
  });
}

function wakes(before: Run, { run, order, wakeAt }: RunStep, now: Millis): Write[] {
  return [wake('run', run.id, order === null && !concernsUnknown(before, run) ? wakeAt : now)];
}

/** A run that ended and belongs to an alert begins to wait for that alert to clear. */
async function verifyAtEnd({ store }: Pick<World, 'store'>, row: Found<'run'>, step: RunStep, now: Millis) {
  const { run } = step;
  const executed = run.startedAt !== null && isFinal(run.state) && !isFinal(row.value.state);
  if (!executed || run.alert === null || run.verifyWithin === null || run.verification !== null) return { run, writes: [], why: '' };
  const alert = await find(store, 'alert', run.alert);
  const cleared = alert === null || alert.value.state === 'resolved';
  if (cleared) return { run: { ...run, verification: 'fixed' } as const, writes: [], why: '; fixed: the alert has cleared' };
  return {
    run: { ...run, verification: 'waiting' } as const,
    writes: [wake('verify', run.id, now + run.verifyWithin)],
    why: '; waits for the alert to clear',
  };
}

/** A run's moment has come: an order is owed to its agent, or a deadline has passed. */
export async function performRun(world: World, settings: Settings, id: string, now: Millis): Promise<void> {
  const row = await world.store.load('run', id);
  if (!isFound(row)) return sleepUntil(world, row, { kind: 'run', at: NEVER });
  if (isFinal(row.value.state)) return followUnknown(world, settings, row);
  const run = row.value;
  if (now >= run.deadline) {
    const step = await applyRunEvent(world, { id, event: { type: 'clock' }, who: SYSTEM });
    if (step?.order === 'run') await deliverOrder(world, settings, step.run, 'again');
    return;
  }
  if (run.state === 'queued') return startRun(world, settings, row);
  if (run.state === 'starting' && world.agents.isConnected(run.host)) await deliverOrder(world, settings, run, 'again');
  // It counted as unknown until its agent came back and said that it runs.
  if (run.state === 'running') await followUnknown(world, settings, row);
  if (run.state === 'cancelling') await world.agents.deliver(run.host, { type: 'cancel', run: id });
  const next = run.state === 'cancelling' ? Math.min(wakeOf(run), now + LOOK_AGAIN) : wakeOf(run);
  await sleepUntil(world, row, { kind: 'run', at: next });
}

/** Claimed before it is handed over: whatever happens then, nobody starts it under this fence again but the agent that knows it. */
async function startRun(world: World, settings: Settings, row: Found<'run'>): Promise<void> {
  const run = row.value;
  const action = settings.actions.get(run.action);
  if (action?.version !== run.version) {
    await applyRunEvent(world, {
      id: run.id,
      event: { type: 'cancel', by: SYSTEM, comment: 'the action was changed after it was asked for' },
      who: SYSTEM,
    });
    return;
  }
  const wait = await whyWait(world, run);
  if (wait !== null) return sleepUntil(world, row, { kind: 'run', at: Math.min(run.deadline, world.clock.now() + wait) });
  const claimed = await applyRunEvent(world, { id: run.id, event: { type: 'claimed' }, who: SYSTEM });
  if (claimed?.changed === true) await deliverOrder(world, settings, claimed.run, 'first');
}

/** How long to wait before a queued run is looked at again, null when it may start: its agent is away, or has its hands full. */
async function whyWait(world: World, run: Run): Promise<Millis | null> {
  if (!world.agents.isConnected(run.host)) return LOOK_AGAIN;
  const mates = await world.store.openRuns({ host: run.host });
  const busy = mates.filter((mate) => mate.value.state !== 'queued' && mate.value.state !== 'awaiting approval').length;
  return busy < AT_ONCE_PER_HOST ? null : SECOND;
}

async function deliverOrder(world: World, settings: Settings, run: Run, delivery: 'first' | 'again'): Promise<void> {
  const composed = await composeOrder(world, settings, run);
  if ('problem' in composed) {
    const nothing = { exitCode: null, signal: null, outputBytes: 0, outputTruncated: false };
    const event: RunEvent = { type: 'finished', at: world.clock.now(), how: 'spawn error', message: composed.problem, ...nothing };
    await applyRunEvent(world, { id: run.id, event, who: SYSTEM });
    return;
  }
  const outcome = await world.agents.deliver(run.host, composed.order);
  // Only the first delivery shows that the agent has nothing: of a later one it may be executing what an earlier one brought.
  if (outcome === 'away' && delivery === 'first')
    await applyRunEvent(world, { id: run.id, event: { type: 'away' }, who: SYSTEM, accept: (now) => now.fence === run.fence });
}

async function composeOrder(world: World, settings: Settings, run: Run): Promise<{ readonly order: Order } | { readonly problem: string }> {
  const action = settings.actions.get(run.action);
  if (action?.version !== run.version) return { problem: 'the action was changed after it was asked for' };
  const reveal = new Map<string, string>();
  for (const name of secretNames(action, run.parameters)) {
    const value = await world.secrets.reveal(name);
    if (value !== null) reveal.set(name, value);
  }
  const { argv, missing: missingArguments } = buildArgv(action, run.parameters, reveal);
  const { env, missing: missingVariables } = buildEnvironment(action, reveal);
  const http = action.http && buildRequest(action.http, { parameters: action.parameters, values: run.parameters, reveal });
  const missing = [...new Set([...missingArguments, ...missingVariables, ...(http?.missing ?? [])])];
  if (missing.length > 0) return { problem: `there is no secret named ${missing.join(', ')}` };
  const alert = run.alert === null ? null : await find(world.store, 'alert', run.alert);
  const order: Order = {
    type: 'run',
    run: run.id,
    fence: run.fence,
    action: run.action,
    argv,
    script: action.script && { at: action.script.at, content: action.script.content, sha256: action.script.sha256 },
    http: http && http.request,
    runAs: action.runAs,
    env: { ...env, ...(alert !== null && alertEnvironment(alert.value)) },
    secrets: [...reveal.values()],
    timeout: run.timeout,
    outputLimitBytes: run.outputLimitBytes,
    memoryLimitBytes: action.memoryLimitBytes,
    collect: action.collect,
  };
  return { order };
}

/** The time to verify is over: the alert has cleared, or the run did not help. */
export async function verifyRun(world: Pick<World, 'store' | 'clock'>, _settings: Settings, id: string, now: Millis): Promise<void> {
  const row = await world.store.load('run', id);
  if (!isFound(row) || row.value.verification !== 'waiting') return sleepUntil(world, row, { kind: 'verify', at: NEVER });
  const alert = row.value.alert === null ? null : await find(world.store, 'alert', row.value.alert);
  const verification = alert === null || alert.value.state === 'resolved' ? 'fixed' : 'not fixed';
  const about = [`run/${id}`, ...(row.value.alert === null ? [] : [`alert/${row.value.alert}`])];
  const writes = [put(row, { ...row.value, verification }), neverWake('verify', id)];
  await world.store.commit({ at: now, who: SYSTEM, why: `${row.value.action}: ${verification}`, about, writes });
}
