import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR, MINUTE, SECOND } from '../../src/core/base/time.ts';
import type { Labels } from '../../src/core/base/labels.ts';
import { ingestAlerts } from '../../src/engine/ingest.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import { alertsNamed, heard, settingsOf, simulate, START, stated } from './play.ts';

const CHANNELS = `
channels:
  ops: { type: webhook, url: "http://127.0.0.1:9/ops" }
  pager: { type: webhook, url: "http://127.0.0.1:9/pager" }
`;
const TIMING = 'group_by: [alertname], group_wait: 5s, group_interval: 10s, repeat_interval: 1h';
const ONLY_OPS = `${CHANNELS}
route: { channel: ops, ${TIMING} }
`;
const PAGER_TOO = `${CHANNELS}
route: { channel: ops, ${TIMING}, routes: [{ channel: pager, matchers: ['severity="critical"'], continue: true }, { channel: ops }] }
`;

function say(simulation: Simulation, labels: Labels, status: 'firing' | 'resolved' = 'firing'): Promise<unknown> {
  return ingestAlerts(simulation.world, simulation.settings, [stated(labels, { status })]);
}

const BAD = { alertname: 'Bad', instance: 'a', severity: 'critical' };

test('a route that is added while an alert fires is told of it, and nobody else is told again', async () => {
  const simulation = simulate(ONLY_OPS);
  await simulation.until(0);
  await say(simulation, BAD);
  await say(simulation, { alertname: 'Mild', severity: 'warning' });
  await simulation.until(MINUTE);
  assert.equal(heard(simulation, 'ops').length, 2);
  await simulation.reload(settingsOf(PAGER_TOO));
  await simulation.until(2 * MINUTE);
  assert.deepEqual(heard(simulation, 'pager'), ['firing firing:Bad']);
  await simulation.reload(settingsOf(PAGER_TOO));
  await simulation.until(3 * MINUTE);
  await say(simulation, BAD, 'resolved');
  await simulation.until(4 * MINUTE);
  assert.deepEqual(heard(simulation, 'pager'), ['firing firing:Bad', 'resolved resolved:Bad']);
  assert.equal(heard(simulation, 'ops').filter((line) => line === 'resolved resolved:Bad').length, 2);
  await simulation.close();
});

test('other routes may come before one without anybody being told again', async () => {
  const simulation = simulate(PAGER_TOO);
  await simulation.until(0);
  await say(simulation, BAD);
  await simulation.until(MINUTE);
  const before = simulation.received.length;
  const more = PAGER_TOO.replace('routes: [', 'routes: [{ channel: pager, matchers: [\'team="x"\'] }, ');
  await simulation.reload(settingsOf(more));
  await simulation.until(30 * MINUTE);
  assert.equal(simulation.received.length, before);
  await simulation.close();
});

test('a route that is gone says nothing any more but the end of what it told', async () => {
  const simulation = simulate(PAGER_TOO);
  await simulation.until(0);
  await say(simulation, BAD);
  await simulation.until(MINUTE);
  await simulation.reload(settingsOf(ONLY_OPS));
  await simulation.until(5 * HOUR);
  assert.deepEqual(heard(simulation, 'pager'), ['firing firing:Bad']);
  await say(simulation, BAD, 'resolved');
  await simulation.until(6 * HOUR);
  assert.deepEqual(heard(simulation, 'pager'), ['firing firing:Bad', 'resolved resolved:Bad']);
  await simulation.close();
});

test('a channel that is gone is no trouble, and its alerts are told to whoever hears of them now', async () => {
  const simulation = simulate(`
channels: { old: { type: webhook, url: "http://127.0.0.1:9/old" } }
route: { channel: old, ${TIMING} }
`);
  await simulation.until(0);
  simulation.failSends(1);
  await say(simulation, BAD);
  await simulation.until(26 * HOUR);
  assert.equal((await alertsNamed(simulation, 'MessageNotDelivered')).length, 1);
  simulation.failSends(0);
  await simulation.reload(settingsOf(ONLY_OPS));
  await simulation.until(27 * HOUR);
  assert.ok(heard(simulation, 'ops').includes('firing firing:Bad'));
  assert.equal((await alertsNamed(simulation, 'MessageNotDelivered'))[0]?.state, 'resolved');
  await say(simulation, BAD, 'resolved');
  await simulation.until(60 * HOUR);
  assert.ok(heard(simulation, 'ops').includes('resolved resolved:Bad'));
  assert.deepEqual(heard(simulation, 'old'), []);
  assert.equal((await alertsNamed(simulation, 'MessageNotDelivered')).length, 1);
  await simulation.close();
});

test('a route that was changed while the server was down counts from its start', async () => {
  const simulation = simulate(ONLY_OPS);
  await simulation.until(0);
  await say(simulation, BAD);
  await simulation.until(MINUTE);
  simulation.configure(settingsOf(PAGER_TOO));
  await say(simulation, { alertname: 'Other' });
  simulation.crash = 'before';
  await simulation.until(3 * MINUTE);
  assert.deepEqual(heard(simulation, 'pager'), ['firing firing:Bad']);
  await simulation.close();
});

test('an alert that comes back before its end was told is told as firing, never as both', async () => {
  const simulation = simulate(`${CHANNELS}
route: { channel: ops, group_by: [alertname], group_wait: 5s, group_interval: 5m }
`);
  await simulation.until(0);
  await say(simulation, BAD);
  await simulation.until(MINUTE);
  await say(simulation, BAD, 'resolved');
  await simulation.until(MINUTE + SECOND);
  await say(simulation, BAD);
  await simulation.until(10 * MINUTE);
  assert.deepEqual(heard(simulation, 'ops'), ['firing firing:Bad', 'firing firing:Bad']);
  await say(simulation, BAD, 'resolved');
  await simulation.until(20 * MINUTE);
  assert.equal(heard(simulation, 'ops').at(-1), 'resolved resolved:Bad');
  await simulation.close();
});

test('a clock that is set back an hour keeps nobody waiting for an hour', async () => {
  const simulation = simulate(`${ONLY_OPS}
rules: { Hot: { expr: "vector(time()) > ${(START + HOUR) / SECOND} < ${(START + HOUR + 30 * MINUTE) / SECOND}", warning: { for: 30s } } }
`);
  await simulation.until(2 * HOUR);
  await say(simulation, BAD);
  await simulation.until(2 * HOUR + MINUTE);
  simulation.jumpClock(-HOUR);
  const now = HOUR + MINUTE;
  await say(simulation, BAD, 'resolved');
  await simulation.until(now + 3 * MINUTE);
  assert.ok(heard(simulation, 'ops').includes('resolved resolved:Bad'));
  assert.equal(heard(simulation, 'ops').filter((line) => line === 'firing firing:Hot').length, 2);
  await simulation.close();
});
