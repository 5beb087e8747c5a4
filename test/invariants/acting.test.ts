import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR, MINUTE, SECOND } from '../../src/core/base/time.ts';
import type { Principal } from '../../src/core/access/actor.ts';
import type { Run } from '../../src/core/actions/run.ts';
import { approveRun, askForRun, cancelRun, rejectRun } from '../../src/engine/commands/runs.ts';
import { receiveHello, receiveRunReport, type RunReport } from '../../src/engine/receive.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import { alice, settingsOf, simulate } from './play.ts';

const CONFIGURATION = `
actions:
  fix: { command: [fix], timeout: 5m, concurrency: 50 }
  careful: { command: [careful, now], timeout: 5m, approval: { expires: 1h }, concurrency: 50 }
`;
const bob: Principal = { ...alice, actor: { kind: 'user', name: 'bob' } };

async function ask(simulation: Simulation, action: string, over: { key?: string; parameters?: Record<string, string> } = {}) {
  return askForRun(simulation.world, simulation.settings, {
    principal: alice,
    action,
    parameters: over.parameters ?? {},
    comment: '',
    alert: null,
    idempotencyKey: over.key ?? null,
  });
}

async function asked(simulation: Simulation, action: string): Promise<string> {
  const result = await ask(simulation, action);
  assert.ok('ok' in result);
  return result.ok.id;
}

async function runOf(simulation: Simulation, id: string): Promise<Run> {
  const { value } = await simulation.store.load('run', id);
  assert.ok(value !== null);
  return value;
}

const HELLO = { os: 'simulated', version: '0', local: true, labels: {}, allowedActions: null };

test('one idempotency key gives one run, however many ask at once', async () => {
  const simulation = simulate(CONFIGURATION);
  await simulation.until(0);
  const results = await Promise.all(Array.from({ length: 20 }, () => ask(simulation, 'fix', { key: 'deploy 1' })));
  const ids = results.map((result) => ('ok' in result ? result.ok.id : result.error.message));
  assert.equal(new Set(ids).size, 1);
  await simulation.until(MINUTE);
  assert.equal(simulation.started.length, 1);
  const other = await ask(simulation, 'careful', { key: 'deploy 1' });
  assert.ok('error' in other && other.error.code === 'conflict');
  await simulation.close();
});

test('what was refused is refused again under the same idempotency key', async () => {
  const simulation = simulate(CONFIGURATION);
  await simulation.until(0);
  for (let time = 0; time < 2; time += 1) {
    const result = await ask(simulation, 'fix', { key: 'bad', parameters: { strange: '1' } });
    assert.ok('error' in result);
  }
  assert.equal((await simulation.store.findRuns({ limit: 10 })).items.length, 1);
  await simulation.close();
});

test('one approval, one execution, however many approve at once', async () => {
  const simulation = simulate(CONFIGURATION, { servers: 2 });
  await simulation.until(0);
  const run = await asked(simulation, 'careful');
  const said = { run, comment: '' };
  await Promise.all([alice, bob, alice, bob, bob].map((principal) => approveRun(simulation.world, { ...said, principal })));
  await simulation.until(MINUTE);
  assert.deepEqual(simulation.started, [run]);
  const after = await approveRun(simulation.world, { ...said, principal: bob });
  assert.ok('error' in after);
  await simulation.close();
});

test('an approval holds for the action that was shown: once that is changed or gone, nothing starts', async () => {
  for (const next of [CONFIGURATION.replace('[careful, now]', '[careful, later]'), 'actions: { fix: { command: [fix] } }']) {
    const simulation = simulate(CONFIGURATION);
    await simulation.until(0);
    const run = await asked(simulation, 'careful');
    await simulation.reload(settingsOf(next));
    await approveRun(simulation.world, { principal: bob, run, comment: '' });
    await simulation.until(MINUTE);
    const { state, reason } = await runOf(simulation, run);
    assert.deepEqual([state, simulation.started.length], ['cancelled', 0]);
    assert.match(reason, /changed after it was asked for/);
    await simulation.close();
  }
});

test('a run can be cancelled in every state, and what has ended cannot', async () => {
  const simulation = simulate(CONFIGURATION, { hosts: ['web-1'], behaviour: () => ({ takes: MINUTE, exitCode: 0 }) });
  await simulation.until(0);
  const cancel = (run: string) => cancelRun(simulation.world, { principal: bob, run, comment: 'enough' });
  const waiting = await asked(simulation, 'careful');
  await cancel(waiting);
  assert.equal((await runOf(simulation, waiting)).state, 'cancelled');
  assert.ok('error' in (await approveRun(simulation.world, { principal: bob, run: waiting, comment: '' })));

  await simulation.connectAgent('web-1', { connected: false });
  const queued = await asked(simulation, 'fix');
  await simulation.until(SECOND);
  assert.equal((await runOf(simulation, queued)).state, 'queued');
  await cancel(queued);
  await simulation.connectAgent('web-1', { connected: true });
  await simulation.until(2 * MINUTE);
  assert.deepEqual(simulation.started, []);

  const running = await asked(simulation, 'fix');
  await simulation.until(2 * MINUTE + 5 * SECOND);
  assert.equal((await runOf(simulation, running)).state, 'running');
  await cancel(running);
  assert.equal((await runOf(simulation, running)).state, 'cancelling');
  await simulation.until(3 * MINUTE);
  assert.match((await runOf(simulation, running)).reason, /cancelled by bob: enough/);
  for (const again of [cancel, (run: string) => rejectRun(simulation.world, { principal: bob, run, comment: '' })]) {
    const result = await again(running);
    assert.ok('error' in result && result.error.code === 'conflict');
  }
  await simulation.close();
});

test('the word of another host or of an older claim about a run counts for nothing', async () => {
  const simulation = simulate(CONFIGURATION, { hosts: ['web-1', 'web-2'], behaviour: () => ({ takes: MINUTE, exitCode: 0 }) });
  await simulation.until(0);
  const run = await asked(simulation, 'fix');
  await simulation.until(SECOND);
  const nothing = { signal: null, message: '', outputBytes: 0, outputTruncated: false };
  const end: RunReport = { type: 'finished', run, fence: 1, at: simulation.now, how: 'exit', exitCode: 9, ...nothing };
  await receiveRunReport(simulation.world, 'web-2', end);
  await receiveRunReport(simulation.world, 'web-1', { ...end, fence: 0 });
  await receiveRunReport(simulation.world, 'web-1', { ...end, run: 'no-such-run' });
  assert.equal((await runOf(simulation, run)).state, 'running');
  await simulation.until(2 * MINUTE);
  assert.equal((await runOf(simulation, run)).exitCode, 0);
  await simulation.close();
});

test('a run that an agent began after it said hello is not called lost', async () => {
  const simulation = simulate(CONFIGURATION, { behaviour: () => ({ takes: MINUTE, exitCode: 0 }) });
  await simulation.until(0);
  const run = await asked(simulation, 'fix');
  const { store } = simulation.world;
  let begins = true;
  // The hello is being taken in while the order goes out, the process begins and its start is reported.
  const slow = {
    ...simulation.world,
    store: {
      ...store,
      commit: async (change: Parameters<typeof store.commit>[0]) => {
        const outcome = await store.commit(change);
        if (begins && change.why.includes('connected')) {
          begins = false;
          await simulation.until(SECOND);
        }
        return outcome;
      },
    },
  };
  await receiveHello(slow, simulation.settings, 'web-1', { ...HELLO, runs: [] });
  assert.equal((await runOf(simulation, run)).state, 'running');
  await simulation.until(2 * MINUTE);
  assert.equal((await runOf(simulation, run)).state, 'succeeded');
  await simulation.close();
});

test('an agent that lost what it was told ends the run as unknown, and it is not started again', async () => {
  const simulation = simulate(CONFIGURATION, { behaviour: () => ({ takes: HOUR, exitCode: 0 }) });
  await simulation.until(0);
  const run = await asked(simulation, 'fix');
  await simulation.until(SECOND);
  await receiveHello(simulation.world, simulation.settings, 'web-1', { ...HELLO, runs: [] });
  assert.equal((await runOf(simulation, run)).state, 'unknown');
  await simulation.until(HOUR);
  assert.deepEqual(simulation.started, [run]);
  await simulation.close();
});

test('that a run is unknown is an alert, which is over when the truth comes late', async () => {
  const simulation = simulate(CONFIGURATION, { behaviour: () => ({ takes: HOUR, exitCode: 0 }) });
  await simulation.until(0);
  const run = await asked(simulation, 'fix');
  await simulation.until(SECOND);
  await receiveHello(simulation.world, simulation.settings, 'web-1', { ...HELLO, runs: [] });
  await simulation.until(2 * SECOND);
  const open = async (): Promise<readonly string[]> =>
    (await simulation.store.openAlerts(null)).map(({ value }) => `${value.labels['alertname']} ${value.labels['run']}`);
  assert.deepEqual(await open(), [`RunUnknown ${run}`]);
  const { fence } = await runOf(simulation, run);
  const end = {
    type: 'finished',
    run,
    fence,
    at: simulation.world.clock.now(),
    how: 'exit',
    exitCode: 0,
    signal: null,
    message: '',
  } as const;
  await receiveRunReport(simulation.world, 'web-1', { ...end, outputBytes: 0, outputTruncated: false });
  await simulation.until(3 * SECOND);
  assert.equal((await runOf(simulation, run)).state, 'succeeded');
  assert.deepEqual(await open(), []);
  await simulation.close();
});

test('what is safe to repeat is repeated once, with an approval of its own, and never a third time', async () => {
  const configuration = 'actions: { sync: { command: [sync], timeout: 5m, cooldown: 1h, retry_safe: true, approval: { expires: 1h } } }';
  const simulation = simulate(configuration, { behaviour: () => ({ takes: HOUR, exitCode: 0 }) });
  await simulation.until(0);
  const first = await asked(simulation, 'sync');
  assert.ok('ok' in (await approveRun(simulation.world, { principal: bob, run: first, comment: '' })));
  await simulation.until(SECOND);
  await receiveHello(simulation.world, simulation.settings, 'web-1', { ...HELLO, runs: [] });
  await simulation.until(2 * SECOND);
  const second = `${first}-again`;
  assert.equal((await runOf(simulation, second)).state, 'awaiting approval');
  assert.deepEqual(simulation.started, [first]);
  assert.ok('ok' in (await approveRun(simulation.world, { principal: bob, run: second, comment: '' })));
  await simulation.until(3 * SECOND);
  assert.deepEqual(simulation.started, [first, second]);
  await receiveHello(simulation.world, simulation.settings, 'web-1', { ...HELLO, runs: [] });
  assert.equal((await runOf(simulation, second)).state, 'unknown');
  await simulation.until(2 * HOUR);
  assert.deepEqual(simulation.started, [first, second]);
  await simulation.close();
});
