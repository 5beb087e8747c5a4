import { formatActor, type Actor } from '../access/actor.ts';
import { formatDuration, MINUTE, NEVER, SECOND, type Millis } from '../base/time.ts';
import { isFinal, type Decision, type FinalRunState, type Run, type RunState } from './run.ts';

/** An agent that is not there for so long fails the start. */
export const START_WITHIN: Millis = 10 * MINUTE;
/** An order without an answer is delivered again after this time: the agent starts it at most once. */
const REDELIVER_AFTER: Millis = 10 * SECOND;
/** How long after a run's own time limit the agent's word is waited for before nobody knows. */
export const GRACE: Millis = 60 * SECOND;

/** How an agent says that a run ended. */
export type EndKind = 'exit' | 'timeout' | 'cancelled' | 'output limit' | 'memory limit' | 'spawn error' | 'refused' | 'lost';

export type RunEvent =
  | { readonly type: 'decided'; readonly decision: Decision }
  | { readonly type: 'claimed' }
  | { readonly type: 'away' }
  | { readonly type: 'accepted' }
  | { readonly type: 'started'; readonly at: Millis }
  | { readonly type: 'cancel'; readonly by: Actor; readonly comment: string }
  | {
      readonly type: 'finished';
      readonly at: Millis;
      readonly how: EndKind;
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly message: string;
      readonly outputBytes: number;
      readonly outputTruncated: boolean;
    }
  | { readonly type: 'alert over' }
  | { readonly type: 'clock' };

export interface RunStep {
  readonly run: Run;
  /** Whether anything changed. */
  readonly changed: boolean;
  /** An order is owed to the agent: start it, or stop it. */
  readonly order: 'run' | 'cancel' | null;
  /** Why the event was not accepted, null when it was. */
  readonly refused: string | null;
  readonly wakeAt: Millis;
}

/**
 * The life of one run. An event that makes no sense in the present state changes nothing and says so. `claimed` counts the fence before
 * the order leaves, so a start is attempted under a number the agent knows at most once. docs/spec/runs.md numbers these rules.
 */
export function stepRun(run: Run, event: RunEvent, now: Millis): RunStep {
  switch (event.type) {
    case 'decided':
      return decide(run, event.decision, now);
    case 'claimed':
      return run.state === 'queued'
        ? to({ ...run, fence: run.fence + 1 }, 'starting', `handed to the agent of ${run.host}`, now + REDELIVER_AFTER)
        : still(run);
    case 'away':
      return run.state === 'starting' ? to(run, 'queued', `waits for the agent of ${run.host}`, queuedAt(run) + START_WITHIN) : still(run);
    case 'accepted':
      return run.state === 'starting' ? { ...still(run), wakeAt: now + run.timeout + GRACE } : still(run);
    case 'started':
      return start(run, event.at, now);
    case 'cancel':
      return cancel(run, event.by, event.comment, now);
    case 'finished':
      return finish(run, event, now);
    case 'alert over':
      return run.state === 'awaiting approval' ? end(run, 'expired', 'the alert resolved before anybody decided', now) : still(run);
    case 'clock':
      return onClock(run, now);
  }
}

function still(run: Run, refused: string | null = null): RunStep {
  return { run, changed: false, order: null, refused, wakeAt: wakeOf(run) };
}

function to(run: Run, state: RunState, reason: string, deadline: Millis): RunStep {
  const next = { ...run, state, reason, deadline };
  return { run: next, changed: true, order: null, refused: null, wakeAt: wakeOf(next) };
}

function end(run: Run, state: FinalRunState, reason: string, now: Millis): RunStep {
  return to({ ...run, finishedAt: now }, state, reason, NEVER);
}

/** When the run must be looked at again. */
export function wakeOf(run: Run): Millis {
  return isFinal(run.state) ? NEVER : run.deadline;
}

/** Why this decision would not be taken now whoever `by` is allowed to be, null when it would. */
export function whyNotTaken(run: Run, decision: Pick<Decision, 'by' | 'approve'>, now: Millis): string | null {
  if (run.state !== 'awaiting approval') return `It is ${run.state}, nothing is to be decided.`;
  if (now >= run.deadline) return 'The time to decide is over.';
  const name = formatActor(decision.by);
  if (run.approvals.some((earlier) => formatActor(earlier.by) === name)) return 'You have decided this already.';
  const own = decision.approve && run.approvalsNeeded > 1 && formatActor(run.requestedBy) === name;
  return own ? 'Two persons are asked for, and whoever asked for the run is not one of them.' : null;
}

function decide(run: Run, decision: Decision, now: Millis): RunStep {
  const refused = whyNotTaken(run, decision, now);
  if (refused !== null) return still(run, refused);
  const decided = { ...run, approvals: [...run.approvals, decision] };
  const who = decision.via === 'mail link' ? `${decision.by.name} by a signed link from mail` : decision.by.name;
  if (!decision.approve) return end(decided, 'rejected', `rejected by ${who}${because(decision.comment)}`, now);
  const missing = run.approvalsNeeded - decided.approvals.length;
  if (missing > 0) return to(decided, 'awaiting approval', `approved by ${who}, ${missing} more needed`, run.deadline);
  return { ...to(decided, 'queued', `approved by ${who}${because(decision.comment)}`, now + START_WITHIN), order: 'run' };
}

function start(run: Run, at: Millis, now: Millis): RunStep {
  const awaited = run.state === 'starting' || run.state === 'unknown' || (run.state === 'cancelling' && run.startedAt === null);
  if (!awaited) return still(run);
  const started = { ...run, startedAt: at, finishedAt: null };
  if (run.state === 'cancelling') return { ...to(started, 'cancelling', run.reason, run.deadline), order: 'cancel' };
  return to(started, 'running', `running on ${run.host}`, Math.max(at, now) + run.timeout + GRACE);
}

function cancel(run: Run, by: Actor, comment: string, now: Millis): RunStep {
  if (isFinal(run.state)) return still(run, `It has ended already (${run.state}).`);
  const reason = `cancelled by ${by.name}${because(comment)}`;
  if (run.state === 'awaiting approval' || run.state === 'queued') return end(run, 'cancelled', reason, now);
  if (run.state === 'cancelling') return still(run, 'It is being cancelled already.');
  return { ...to(run, 'cancelling', reason, now + GRACE), order: 'cancel' };
}

function finish(run: Run, event: Extract<RunEvent, { readonly type: 'finished' }>, now: Millis): RunStep {
  // `unknown` is not the last word: when the agent comes back it says what really happened.
  if ((isFinal(run.state) && run.state !== 'unknown') || run.fence === 0) return still(run);
  const [state, reason] = judgeEnd(run, event);
  const startedAt = event.how === 'spawn error' || event.how === 'refused' ? null : run.startedAt;
  const told = {
    ...run,
    startedAt,
    exitCode: event.exitCode,
    signal: event.signal,
    spawnError: event.how === 'spawn error' ? event.message : null,
    outputBytes: event.outputBytes,
    outputTruncated: event.outputTruncated,
  };
  return end(told, state, run.state === 'unknown' ? `${reason} (reported late)` : reason, Math.min(event.at, now));
}

function judgeEnd(run: Run, event: Extract<RunEvent, { readonly type: 'finished' }>): readonly [FinalRunState, string] {
  switch (event.how) {
    case 'exit':
      if (event.exitCode === 0) return ['succeeded', 'exit code 0'];
      return ['failed', event.signal === null ? `exit code ${event.exitCode}` : `ended by ${event.signal}`];
    case 'timeout':
      return ['timed out', `stopped after ${formatDuration(run.timeout)}`];
    case 'cancelled':
      return ['cancelled', run.state === 'cancelling' ? run.reason : 'cancelled'];
    case 'output limit':
      return ['failed', 'stopped: too much output'];
    case 'memory limit':
      return ['failed', 'stopped: too much memory'];
    case 'spawn error':
      return ['failed to start', event.message];
    case 'refused':
      return ['refused', `refused by the agent: ${event.message}`];
    case 'lost':
      return ['unknown', event.message];
  }
}

/** Since when nothing but its agent is waited for. */
function queuedAt(run: Run): Millis {
  return run.approvals.at(-1)?.at ?? run.triggeredAt;
}

function onClock(run: Run, now: Millis): RunStep {
  if (isFinal(run.state) || now < run.deadline) return still(run);
  switch (run.state) {
    case 'awaiting approval':
      return end(run, 'expired', `nobody decided within ${formatDuration(run.deadline - run.triggeredAt)}`, now);
    case 'queued':
      return end(run, 'failed to start', `the agent of ${run.host} was not connected for ${formatDuration(START_WITHIN)}`, now);
    case 'starting':
      // No answer yet: the same order, the same fence. Past all limits nobody knows.
      return now < queuedAt(run) + run.timeout + START_WITHIN + GRACE
        ? { ...to(run, 'starting', run.reason, now + REDELIVER_AFTER), order: 'run' }
        : end(run, 'unknown', `no word from the agent of ${run.host}`, now);
    default:
      return end(run, 'unknown', `no word from the agent of ${run.host} by the deadline; it may still have run`, now);
  }
}

function because(comment: string): string {
  return comment === '' ? '' : `: ${comment}`;
}
