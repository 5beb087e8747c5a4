import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../../data/types.ts';
import { formatCsv } from './csv.ts';

const run: Run = {
  id: 'r1',
  action: 'clean-disk',
  state: 'succeeded',
  final: true,
  reason: 'said "fine", and left',
  parameters: {},
  argv: ['clean', '/var/my log'],
  host: 'web-1',
  runAs: null,
  requestedBy: 'user:alice',
  comment: '=HYPERLINK("http://evil")',
  trigger: null,
  alert: null,
  approvals: [{ by: 'user:bob', at: 0, approve: true, comment: '' }],
  approvalsNeeded: 1,
  approvers: [],
  mayDecide: false,
  whyNot: null,
  triggeredAt: 0,
  deadline: null,
  startedAt: 1000,
  finishedAt: null,
  durationMs: 5,
  exitCode: 0,
  signal: null,
  spawnError: null,
  outputBytes: 12,
  outputTruncated: false,
  verification: 'fixed',
};

test('one line a run, with a head, quotes doubled', () => {
  const lines = formatCsv([run]).split('\r\n');
  assert.equal(lines.length, 3);
  assert.ok(lines[0]?.startsWith('id,action,state,verification,host'));
  assert.ok(
    lines[1]?.startsWith(
      'r1,clean-disk,succeeded,fixed,web-1,user:alice,approved by user:bob,,,1970-01-01T00:00:00.000Z,1970-01-01T00:00:01.000Z,,5,0,',
    ),
  );
  assert.ok(lines[1]?.includes('"said ""fine"", and left"'));
});

test('what a spreadsheet would calculate stays text', () => {
  assert.ok(formatCsv([run]).includes(`"'=HYPERLINK(""http://evil"")"`));
});
