import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert, Run } from '../../data/types.ts';
import { demoSteps } from './demo-steps.ts';

const alert = (state: Alert['state']): Alert => ({
  id: 'a',
  fingerprint: 'f',
  name: 'Demo',
  rule: 'demo',
  host: 'h',
  runAs: null,
  labels: {},
  annotations: {},
  state,
  severity: 'notice',
  value: 1,
  activeAt: 0,
  firedAt: 0,
  resolvedAt: null,
  silentSince: null,
  acknowledged: null,
  generatorUrl: '',
  updatedAt: 0,
});

const run = (change: Partial<Run>): Run => ({
  id: 'r',
  action: 'demo',
  state: 'awaiting approval',
  final: false,
  reason: '',
  parameters: {},
  argv: [],
  host: 'h',
  requestedBy: 'trigger:demo',
  comment: '',
  trigger: 'demo',
  alert: 'a',
  approvals: [],
  approvalsNeeded: 1,
  approvers: [],
  mayDecide: true,
  whyNot: null,
  triggeredAt: 0,
  deadline: null,
  startedAt: null,
  finishedAt: null,
  durationMs: null,
  exitCode: null,
  signal: null,
  spawnError: null,
  outputBytes: 0,
  outputTruncated: false,
  verification: null,
  ...change,
});

const states = (...story: Parameters<typeof demoSteps>): string =>
  demoSteps(...story)
    .map(({ state }) => state)
    .join(', ');

test('the story goes on step by step', () => {
  const on = { active: true };
  assert.equal(states({ active: false }, null, null), 'to come, to come, to come, to come, to come');
  assert.equal(states(on, null, null), 'now, to come, to come, to come, to come');
  assert.equal(states(on, alert('firing'), run({})), 'done, now, to come, to come, to come');
  assert.equal(states(on, alert('firing'), run({ state: 'running' })), 'done, done, now, to come, to come');
  assert.equal(
    states(on, alert('firing'), run({ state: 'succeeded', final: true, verification: 'waiting' })),
    'done, done, done, now, to come',
  );
  assert.equal(
    states({ active: false }, alert('resolved'), run({ state: 'succeeded', final: true, verification: 'fixed' })),
    'done, done, done, done, done',
  );
});

test('an alert that clears before the run has ended does not end the story', () => {
  const steps = demoSteps({ active: false }, alert('resolved'), run({ state: 'running' }));
  assert.equal(steps.at(-1)?.state, 'to come');
});

test('a rejected run stops the story at the approval', () => {
  const steps = demoSteps({ active: true }, alert('firing'), run({ state: 'rejected', final: true, reason: 'Rejected by bob.' }));
  assert.equal(steps[1]?.state, 'failed');
  assert.equal(steps[1]?.text, 'Rejected by bob.');
  assert.equal(steps[2]?.state, 'to come');
});

test('a failed run is shown as the one that failed', () => {
  assert.equal(
    states({ active: true }, alert('firing'), run({ state: 'failed', final: true, startedAt: 1, verification: 'not fixed' })),
    'done, done, failed, failed, to come',
  );
});
