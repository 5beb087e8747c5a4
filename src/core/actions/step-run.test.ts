import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR, MINUTE, SECOND } from '../base/time.ts';
import type { Actor } from '../access/actor.ts';
import { isFinal, type Run } from './run.ts';
import { START_WITHIN, stepRun, type RunEvent, type RunStep } from './step-run.ts';

const alice: Actor = { kind: 'user', name: 'alice' };
const bob: Actor = { kind: 'user', name: 'bob' };
const carol: Actor = { kind: 'user', name: 'carol' };

const waiting: Run = {
  id: 'r1',
  action: 'clean',
  version: 'v',
  state: 'awaiting approval',
  reason: '',
  parameters: {},
  argv: ['clean'],
  host: 'web-1',
  runAs: null,
  requestedBy: alice,
  comment: '',
  trigger: null,
  alert: null,
  approvals: [],
  approvalsNeeded: 1,
  approvers: [],
  triggeredAt: 0,
  deadline: 30 * MINUTE,
  fence: 0,
  startedAt: null,
  finishedAt: null,
  exitCode: null,
  signal: null,
  spawnError: null,
  outputBytes: 0,
  outputTruncated: false,
  timeout: 5 * MINUTE,
  outputLimitBytes: 1000,
  verification: null,
  verifyWithin: null,
  idempotencyKey: null,
  requestHash: '',
};

function approve(by: Actor, at = MINUTE): RunEvent {
  return { type: 'decided', decision: { by, at, approve: true, comment: '' } };
}

const exit: RunEvent = {
  type: 'finished',
  at: 100,
  how: 'exit',
  exitCode: 0,
  signal: null,
  message: '',
  outputBytes: 5,
  outputTruncated: false,
};

/** The run after these events, one second apart. */
function play(run: Run, ...events: RunEvent[]): RunStep {
  let step: RunStep = { run, changed: false, order: null, refused: null, wakeAt: 0 };
  let now = MINUTE;
  for (const event of events) step = stepRun(step.run, event, (now += SECOND));
  return step;
}

test('approved, claimed, started, finished', () => {
  assert.equal(play(waiting, approve(bob)).order, 'run');
  assert.equal(play(waiting, approve(bob), { type: 'claimed' }).run.fence, 1);
  const done = play(waiting, approve(bob), { type: 'claimed' }, { type: 'started', at: 90 }, exit);
  assert.equal(done.run.state, 'succeeded');
  assert.deepEqual([done.run.startedAt, done.run.finishedAt, done.run.exitCode], [90, 100, 0]);
});

test('one approval, one execution: what is claimed cannot be claimed again, and a second approval is refused', () => {
  const claimed = play(waiting, approve(bob), { type: 'claimed' });
  assert.equal(stepRun(claimed.run, { type: 'claimed' }, HOUR).changed, false);
  assert.match(stepRun(claimed.run, approve(carol), 2 * MINUTE).refused ?? '', /starting/);
});

test('where two persons are asked for, the requester is not one, and nobody counts twice', () => {
  const two = { ...waiting, approvalsNeeded: 2 };
  assert.match(play(two, approve(alice)).refused ?? '', /not one of them/);
  const first = play(two, approve(bob));
  assert.equal(first.run.state, 'awaiting approval');
  assert.match(stepRun(first.run, approve(bob), MINUTE).refused ?? '', /already/);
  assert.equal(stepRun(first.run, approve(carol), MINUTE).run.state, 'queued');
});

test('an approval expires, and is not taken after its time', () => {
  assert.equal(stepRun(waiting, { type: 'clock' }, 30 * MINUTE).run.state, 'expired');
  assert.match(stepRun(waiting, approve(bob), 30 * MINUTE).refused ?? '', /over/);
});

test('no word by the deadline is unknown and never started again; the truth may come late', () => {
  const running = play(waiting, approve(bob), { type: 'claimed' }, { type: 'started', at: MINUTE });
  const lost = stepRun(running.run, { type: 'clock' }, HOUR);
  assert.deepEqual([lost.run.state, lost.order], ['unknown', null]);
  const late = stepRun(lost.run, exit, 2 * HOUR);
  assert.equal(late.run.state, 'succeeded');
  assert.match(late.run.reason, /late/);
});

test('an unanswered order is delivered again under the same fence', () => {
  const claimed = play(waiting, approve(bob), { type: 'claimed' });
  const again = stepRun(claimed.run, { type: 'clock' }, claimed.wakeAt);
  assert.deepEqual([again.run.state, again.order, again.run.fence], ['starting', 'run', 1]);
});

test('a run that was approved late has all the time to start that one approved at once has', () => {
  const late = stepRun({ ...waiting, deadline: 3 * HOUR }, approve(bob, 2 * HOUR), 2 * HOUR).run;
  const claimed = stepRun(late, { type: 'claimed' }, 2 * HOUR + SECOND);
  const again = stepRun(claimed.run, { type: 'clock' }, claimed.wakeAt);
  assert.deepEqual([again.run.state, again.order], ['starting', 'run']);
  const over = stepRun(again.run, { type: 'clock' }, 3 * HOUR);
  assert.equal(over.run.state, 'unknown');
});

test('an agent that goes away just before its order has its whole time to come back', () => {
  const claimed = play(waiting, approve(bob), { type: 'claimed' });
  const away = stepRun(claimed.run, { type: 'away' }, 2 * MINUTE);
  assert.deepEqual([away.run.state, away.run.deadline], ['queued', MINUTE + START_WITHIN]);
});

test('nobody can report the end of a run that was never handed to an agent', () => {
  assert.equal(stepRun(waiting, exit, HOUR).changed, false);
  assert.equal(stepRun(play(waiting, approve(bob)).run, exit, HOUR).changed, false);
});

test('cancelling stops what runs and forgets what waits', () => {
  const cancel: RunEvent = { type: 'cancel', by: bob, comment: 'no' };
  assert.equal(play(waiting, cancel).run.state, 'cancelled');
  const running = play(waiting, approve(bob), { type: 'claimed' }, { type: 'started', at: 1 }, cancel);
  assert.deepEqual([running.run.state, running.order], ['cancelling', 'cancel']);
  const ended = stepRun(running.run, { ...exit, how: 'cancelled', exitCode: null, signal: 'SIGTERM' }, HOUR);
  assert.equal(ended.run.state, 'cancelled');
  assert.match(ended.run.reason, /bob: no/);
});

test('exit code, signal, time limit, failed start and refusal are told apart', () => {
  const running = play(waiting, approve(bob), { type: 'claimed' }, { type: 'started', at: 1 }).run;
  const end = (over: Partial<Extract<RunEvent, { type: 'finished' }>>) => stepRun(running, { ...exit, ...over } as RunEvent, HOUR).run;
  assert.equal(end({ exitCode: 3 }).state, 'failed');
  assert.match(end({ exitCode: null, signal: 'SIGKILL' }).reason, /SIGKILL/);
  assert.equal(end({ how: 'timeout' }).state, 'timed out');
  assert.deepEqual(
    [end({ how: 'spawn error', message: 'ENOENT' }).state, end({ how: 'spawn error', message: 'ENOENT' }).spawnError],
    ['failed to start', 'ENOENT'],
  );
  assert.equal(end({ how: 'refused', message: 'not allowed here' }).state, 'refused');
  assert.equal(end({ how: 'lost', message: 'agent died' }).state, 'unknown');
});

test('a final state takes no more events', () => {
  const done = play(waiting, approve(bob), { type: 'claimed' }, { type: 'started', at: 90 }, exit).run;
  assert.ok(isFinal(done.state));
  for (const event of [
    approve(carol),
    { type: 'claimed' },
    { type: 'started', at: 1 },
    { ...exit, exitCode: 9 },
    { type: 'clock' },
  ] as RunEvent[]) {
    assert.equal(stepRun(done, event, 2 * HOUR).changed, false);
  }
});

test('a waiting run whose alert resolved needs nobody any more', () => {
  const step = stepRun(waiting, { type: 'alert over' }, MINUTE);
  assert.deepEqual([step.run.state, step.run.reason], ['expired', 'the alert resolved before anybody decided']);
});
