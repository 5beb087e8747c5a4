import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { SYSTEM } from '../core/access/actor.ts';
import type { Run, RunState } from '../core/actions/run.ts';
import { openStore } from '../io/db/open-store.ts';
import { openOutputs } from '../io/outputs.ts';
import { finishOutputs } from './finish-outputs.ts';

function runOf(id: string, state: RunState): Run {
  return {
    id,
    action: 'a',
    version: 'v',
    state,
    reason: '',
    parameters: {},
    argv: [],
    host: 'web-1',
    runAs: null,
    requestedBy: SYSTEM,
    comment: '',
    trigger: null,
    alert: null,
    approvals: [],
    approvalsNeeded: 0,
    approvers: [],
    triggeredAt: 1,
    deadline: 2,
    fence: 1,
    startedAt: null,
    finishedAt: null,
    exitCode: null,
    signal: null,
    spawnError: null,
    outputBytes: 0,
    outputTruncated: false,
    timeout: 1,
    outputLimitBytes: 1,
    verification: null,
    verifyWithin: null,
    idempotencyKey: null,
    requestHash: '',
  };
}

it('the outputs of runs that have ended are compressed, those of others not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-finish-'));
  const store = await openStore({ path: ':memory:' });
  const outputs = await openOutputs(folder);
  const errors: unknown[] = [];
  const log = { info: () => {}, warn: () => {}, error: (message: string, fields: unknown) => void errors.push(message, fields) };
  for (const id of ['before', 'running', 'after', 'unknown-file']) {
    await outputs.append(id, { offset: 0, at: 1, stream: 'stdout', bytes: Buffer.from('text') });
  }
  const put = (id: string, state: RunState) =>
    store.commit({
      at: 1,
      who: SYSTEM,
      why: 'test',
      about: [`run/${id}`],
      writes: [{ op: 'put', row: { table: 'run', id, version: 0, value: null }, value: runOf(id, state) }],
    });
  await put('before', 'failed');
  await put('running', 'running');
  const finisher = finishOutputs({ store, outputs, log });
  await finisher.lookAtAll();
  store.onCommit(finisher.look);
  await put('after', 'succeeded');
  while (readdirSync(folder).includes('after.out')) await new Promise((resolve) => setImmediate(resolve));
  await finisher.stop();
  await outputs.close();
  await store.close();
  assert.deepEqual(readdirSync(folder).sort(), ['after.packed', 'before.packed', 'running.out', 'unknown-file.out']);
  assert.deepEqual(errors, []);
  rmSync(folder, { recursive: true });
});
