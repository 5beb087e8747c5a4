// The real program is killed again and again in a storm of everything, and in the middle of what takes long; nothing that it said is untrue afterwards.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { actions } from '../../src/contract/api/actions.ts';
import { runs } from '../../src/contract/api/runs.ts';
import { Program } from '../e2e/program.ts';
import { openHook } from '../e2e/receivers.ts';
import { Stream } from '../e2e/stream.ts';
import { until } from '../e2e/until.ts';
import { killStorm } from './kill-storm.ts';
import { sayAlert } from './storm.ts';

test('killed at random moments in a storm, it keeps every promise', async () => {
  await killStorm(Number(process.env['TOCSIN_KILLS'] ?? 4), Number(process.env['TOCSIN_SEED'] ?? Date.now() % 1_000_000));
});

test('killed while a command runs and an approval is awaited, both go on and the output is complete', async () => {
  const program = new Program({ config: {}, keepsPort: true });
  const ledger = join(program.root, 'ledger');
  const steps = ['/bin/sh', join(import.meta.dirname, 'steps.sh'), ledger];
  program.configure({
    actions: {
      slow: { command: [...steps, '20', '0.1'] },
      guarded: { command: [...steps, '2', '0'], approval: { expires: '10m' } },
    },
  });
  try {
    await program.start();
    const bob = await program.person('bob', 'operator');
    await program.agentIsHere();
    const slow = await bob.ask(actions.run, { params: { name: 'slow' } });
    const guarded = await bob.ask(actions.run, { params: { name: 'guarded' } });
    const before = new Stream(bob, `/api/runs/${slow.run}/output/live`);
    await until('the first line is seen', () => before.output().text.includes('line 1 '));
    await program.kill();
    const seen = before.output().text.length;
    await program.start();

    const after = new Stream(bob, `/api/runs/${slow.run}/output/live`, { 'last-event-id': String(seen) });
    const { state: waits } = (await bob.ask(runs.get, { params: { id: guarded.run } })).run;
    assert.equal(waits, 'awaiting approval');
    await bob.ask(runs.approve, { params: { id: guarded.run }, body: {} });
    await until('the approved run succeeds', async () => {
      const { run } = await bob.ask(runs.get, { params: { id: guarded.run } });
      return run.state === 'succeeded';
    });
    assert.equal((await after.end()).state, 'succeeded');
    const whole = Array.from({ length: 20 }, (_, line) => `line ${line + 1} of 20\n`).join('');
    assert.equal(before.output().text + after.output().text, whole);
    assert.equal((await bob.send('GET', `/api/runs/${slow.run}/output`)).text, whole);
  } finally {
    await program.close();
  }
});

test('killed while a message is being sent, it sends it again at once', async () => {
  const hook = await openHook((attempt) => (attempt === 0 ? 'never' : 200));
  const program = new Program({ config: {}, keepsPort: true, localAgent: false });
  program.configure({
    channels: { hook: { type: 'webhook', url: hook.url } },
    route: { channel: 'hook', group_wait: '0s' },
    built_in: { rules: false, demo: false },
  });
  try {
    await program.start();
    await sayAlert(program.admin, '1', 'firing');
    await until('the message is on its way', () => hook.attempts() === 1);
    await program.kill();
    await program.start();
    await until('it came', () => hook.got.length === 1);
  } finally {
    await program.close();
    await hook.close();
  }
});
