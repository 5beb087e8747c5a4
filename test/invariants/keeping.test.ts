import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR, MINUTE, SECOND } from '../../src/core/base/time.ts';
import { acknowledgeAlert } from '../../src/engine/commands/alerts.ts';
import { approveRun, askForRun } from '../../src/engine/commands/runs.ts';
import { ingestAlerts } from '../../src/engine/ingest.ts';
import { alertsNamed, alice, heard, simulate, stated } from './play.ts';

const CONFIGURATION = `
channels: { ops: { type: webhook, url: "http://127.0.0.1:9/ops" } }
route: { channel: ops, group_by: [alertname, instance], group_wait: 5s, group_interval: 10s, repeat_interval: 1h }
actions:
  careful: { command: [careful], timeout: 5m, approval: { expires: 1h } }
  fix: { command: [fix] }
`;
const BAD = { alertname: 'Bad', instance: 'a', severity: 'error' };

test('a firing alert that is in no group is put into one by the watchdog, which says so', async () => {
  const simulation = simulate(CONFIGURATION);
  await simulation.until(0);
  await ingestAlerts(simulation.world, simulation.settings, [stated(BAD)]);
  const { store } = simulation;
  const [alert] = await alertsNamed(simulation, 'Bad');
  for (const row of await store.groupsWithAlert(alert?.id ?? '')) {
    await store.commit({ at: simulation.now, who: alice.actor, why: 'broken', about: [], writes: [{ op: 'drop', row }] });
  }
  await simulation.until(50 * SECOND);
  assert.deepEqual(heard(simulation, 'ops'), []);
  await simulation.until(2 * MINUTE);
  assert.ok(heard(simulation, 'ops').includes('firing firing:Bad'));
  assert.ok(heard(simulation, 'ops').includes('firing firing:InvariantBroken'));
  await simulation.until(5 * MINUTE);
  assert.ok(heard(simulation, 'ops').includes('resolved resolved:InvariantBroken'));
  assert.equal(heard(simulation, 'ops').filter((line) => line === 'firing firing:Bad').length, 1);
  await simulation.close();
});

test('what became due while nobody was there happens at once afterwards, and nothing of it twice', async () => {
  const simulation = simulate(CONFIGURATION);
  await simulation.until(0);
  await ingestAlerts(simulation.world, simulation.settings, [stated(BAD)]);
  const asked = await askForRun(simulation.world, simulation.settings, {
    principal: alice,
    action: 'careful',
    parameters: {},
    comment: '',
    alert: null,
    idempotencyKey: null,
  });
  assert.ok('ok' in asked);
  simulation.jumpClock(3 * HOUR);
  await simulation.until(3 * HOUR + SECOND);
  assert.equal((await simulation.store.load('run', asked.ok.id)).value?.state, 'expired');
  assert.deepEqual(heard(simulation, 'ops'), ['firing firing:Bad']);
  const late = await approveRun(simulation.world, { principal: alice, run: asked.ok.id, comment: '' });
  assert.ok('error' in late);
  await simulation.close();
});

test('two alerts of one host are two for whoever is told, and each resolves on its own', async () => {
  const simulation = simulate(CONFIGURATION);
  await simulation.until(0);
  const other = { ...BAD, alertname: 'Other' };
  await ingestAlerts(simulation.world, simulation.settings, [stated(BAD), stated(other)]);
  await simulation.until(MINUTE);
  await ingestAlerts(simulation.world, simulation.settings, [stated(BAD, { status: 'resolved' })]);
  await simulation.until(2 * MINUTE);
  assert.deepEqual(heard(simulation, 'ops').toSorted(), ['firing firing:Bad', 'firing firing:Other', 'resolved resolved:Bad']);
  const keys = new Set(simulation.received.map(({ body }) => body.webhook?.groupKey));
  assert.equal(keys.size, 2);
  const prints = new Set(simulation.received.map(({ body }) => body.webhook?.alerts[0]?.fingerprint));
  assert.equal(prints.size, 2);
  await simulation.close();
});

test('an acknowledgement outlives a restart, a repetition and a change of severity', async () => {
  const simulation = simulate(CONFIGURATION);
  await simulation.until(0);
  await ingestAlerts(simulation.world, simulation.settings, [stated(BAD)]);
  const [alert] = await alertsNamed(simulation, 'Bad');
  await acknowledgeAlert(simulation.world, { principal: alice, alert: alert?.id ?? '', comment: 'mine' });
  simulation.crash = 'after';
  await simulation.until(MINUTE);
  await ingestAlerts(simulation.world, simulation.settings, [stated({ ...BAD, severity: 'critical' })]);
  await simulation.until(2 * MINUTE);
  const [after] = await alertsNamed(simulation, 'Bad');
  assert.deepEqual([after?.severity, after?.acknowledged?.by, after?.acknowledged?.comment], ['critical', 'alice', 'mine']);
  await simulation.close();
});

test('a message is sent again under the same id when the server dies while it sends, so that the receiver can tell', async () => {
  const simulation = simulate(CONFIGURATION);
  await simulation.until(0);
  await ingestAlerts(simulation.world, simulation.settings, [stated(BAD)]);
  simulation.crash = 'after';
  await simulation.until(5 * MINUTE);
  const ids = simulation.received.map(({ id }) => id);
  assert.equal(ids.length, 2);
  assert.equal(new Set(ids).size, 1);
  const { items } = await simulation.store.findMessages({ limit: 10 });
  assert.deepEqual(
    items.map(({ state, attempts }) => [state, attempts]),
    [['sent', 2]],
  );
  await simulation.close();
});

test('an agent that comes back while it is being called silent leaves no alert behind', async () => {
  const simulation = simulate(CONFIGURATION);
  await simulation.until(0);
  await simulation.connectAgent('web-1', { connected: false });
  await simulation.until(30 * MINUTE);
  assert.equal((await alertsNamed(simulation, 'AgentSilent'))[0]?.state, 'firing');
  // The alert is raised once more, as by another server that saw the agent go before it saw it come.
  await simulation.connectAgent('web-1', { connected: true });
  await ingestAlerts(simulation.world, simulation.settings, [
    stated({ alertname: 'AgentSilent', instance: 'web-1', severity: 'error', source: 'tocsin' }),
  ]);
  await simulation.until(33 * MINUTE);
  const states = (await alertsNamed(simulation, 'AgentSilent')).map(({ state }) => state);
  assert.ok(states.every((state) => state === 'resolved'));
  await simulation.close();
});
