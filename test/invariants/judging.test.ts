import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MINUTE, SECOND } from '../../src/core/base/time.ts';
import { resolveAlert } from '../../src/engine/commands/alerts.ts';
import { rulesWithAlerts } from '../../src/engine/boot.ts';
import { ingestAlerts } from '../../src/engine/ingest.ts';
import { alertsNamed, alice, heard, simulate, START, stated } from './play.ts';

const CHANNEL = `
channels: { ops: { type: webhook, url: "http://127.0.0.1:9/hook" } }
route: { channel: ops, group_by: [alertname, instance], group_wait: 5s, group_interval: 10s }
`;
const HOT = `${CHANNEL}
rules: { Hot: { expr: temperature, warning: { above: 80 }, recovery: { below: 70 } } }
`;

test('an alert that another system has with the same labels is not fired twice, and costs no endless judging', async () => {
  const simulation = simulate(HOT);
  simulation.series.script({ __name__: 'temperature', instance: 'a' }, [{ at: START, value: 90 }]);
  await simulation.until(0);
  await ingestAlerts(simulation.world, simulation.settings, [stated({ alertname: 'Foreign', instance: 'x' })]);
  const own = await alertsNamed(simulation, 'Hot');
  assert.equal(own.length, 1);
  await resolveAlert(simulation.world, simulation.settings, { principal: alice, alert: own[0]?.id ?? '', comment: '' });
  await simulation.until(SECOND);
  await ingestAlerts(simulation.world, simulation.settings, [stated({ alertname: 'Hot', instance: 'a', severity: 'critical' })]);
  await simulation.until(5 * MINUTE);
  const open = (await alertsNamed(simulation, 'Hot')).filter((alert) => alert.state === 'firing');
  assert.deepEqual(
    open.map((alert) => alert.rule),
    [null],
  );
  await ingestAlerts(simulation.world, simulation.settings, [stated({ alertname: 'Hot', instance: 'a' }, { status: 'resolved' })]);
  await simulation.until(6 * MINUTE);
  const after = (await alertsNamed(simulation, 'Hot')).filter((alert) => alert.state === 'firing');
  assert.deepEqual(
    after.map((alert) => alert.rule),
    ['Hot'],
  );
  await simulation.close();
});

test('a pending alert that is resolved by hand starts nothing', async () => {
  const simulation = simulate(`${CHANNEL}
rules: { Hot: { expr: temperature, warning: { above: 80, for: 10m } } }
actions: { reopen: { command: [reopen] } }
triggers: { reopen: { match: 'alertname="Hot"', on: resolved, run: reopen } }
`);
  simulation.series.script({ __name__: 'temperature', instance: 'a' }, [
    { at: START, value: 90 },
    { at: START + MINUTE, value: 20 },
  ]);
  await simulation.until(30 * SECOND);
  const [pending] = await alertsNamed(simulation, 'Hot');
  assert.equal(pending?.state, 'pending');
  await resolveAlert(simulation.world, simulation.settings, { principal: alice, alert: pending.id, comment: '' });
  await simulation.until(20 * MINUTE);
  assert.deepEqual(simulation.started, []);
  assert.deepEqual(heard(simulation, 'ops'), []);
  await simulation.close();
});

test('one series whose alert cannot be kept holds up none of the others of its rule', async () => {
  const simulation = simulate(HOT);
  for (const instance of ['a', 'bad', 'c']) simulation.series.script({ __name__: 'temperature', instance }, [{ at: START, value: 90 }]);
  simulation.failCommit = (change) => change.writes.some((write) => write.op === 'put' && JSON.stringify(write.value).includes('"bad"'));
  await simulation.until(2 * MINUTE);
  const firing = (await alertsNamed(simulation, 'Hot')).map((alert) => alert.labels['instance']);
  assert.deepEqual([...firing].sort(), ['a', 'c']);
  assert.equal((await alertsNamed(simulation, 'RuleFailing')).length, 1);
  simulation.failCommit = null;
  await simulation.until(4 * MINUTE);
  assert.equal((await alertsNamed(simulation, 'Hot')).length, 3);
  assert.equal((await alertsNamed(simulation, 'RuleFailing'))[0]?.state, 'resolved');
  await simulation.close();
});

test('every rule with open alerts is known at a start, however many alerts there are', async () => {
  const simulation = simulate(`${CHANNEL}
rules:
  Old: { expr: old, warning: { above: 80 } }
  Hot: { expr: temperature, warning: { above: 80 } }
`);
  simulation.series.script({ __name__: 'old', instance: 'a' }, [{ at: START, value: 90 }]);
  for (let count = 0; count < 600; count += 1) {
    simulation.series.script({ __name__: 'temperature', instance: `n${count}` }, [{ at: START + MINUTE, value: 90 }]);
  }
  await simulation.until(2 * MINUTE);
  assert.deepEqual([...(await rulesWithAlerts(simulation.world))].sort(), ['Hot', 'Old']);
  await simulation.close();
});

test('a firing statement with an end that has passed does not flap', async () => {
  const simulation = simulate(CHANNEL);
  await simulation.until(0);
  for (let minute = 0; minute < 10; minute += 1) {
    await simulation.until(minute * MINUTE);
    await ingestAlerts(simulation.world, simulation.settings, [stated({ alertname: 'Flap', instance: 'a' }, { endsAt: START })]);
  }
  assert.equal((await alertsNamed(simulation, 'Flap')).length, 1);
  await simulation.close();
});

test('a foreign alert that eases is not called worse', async () => {
  const simulation = simulate(`${CHANNEL}
actions: { fix: { command: [fix] } }
triggers: { fix: { match: 'alertname="Disk"', run: fix, verify: { within: 10m } } }
`);
  await simulation.until(0);
  await ingestAlerts(simulation.world, simulation.settings, [stated({ alertname: 'Disk', instance: 'a', severity: 'critical' })]);
  await simulation.until(MINUTE);
  await ingestAlerts(simulation.world, simulation.settings, [stated({ alertname: 'Disk', instance: 'a', severity: 'warning' })]);
  const [run] = (await simulation.store.findRuns({ limit: 10 })).items;
  assert.equal(run?.verification, 'waiting');
  await ingestAlerts(simulation.world, simulation.settings, [stated({ alertname: 'Disk', instance: 'a', severity: 'error' })]);
  assert.equal((await simulation.store.findRuns({ limit: 10 })).items[0]?.verification, 'made worse');
  await simulation.close();
});

test('of several series with the same labels one that meets a level counts, however often they are judged', async () => {
  const simulation = simulate(HOT.replace('temperature', `'{sensor="s"}'`));
  for (const [name, value] of [
    ['first', 90],
    ['second', 20],
  ] as const) {
    simulation.series.script({ __name__: name, sensor: 's' }, [
      { at: START, value },
      { at: START + 10 * MINUTE, value: 20 },
    ]);
  }
  await simulation.until(9 * MINUTE);
  assert.deepEqual(
    (await alertsNamed(simulation, 'Hot')).map((alert) => [alert.state, alert.value, alert.activeAt]),
    [['firing', 90, START]],
  );
  await simulation.until(12 * MINUTE);
  assert.deepEqual(
    (await alertsNamed(simulation, 'Hot')).map((alert) => alert.state),
    ['resolved'],
  );
  await simulation.close();
});

test('a rule that cannot be judged holds up none of those that are judged with it', async () => {
  const simulation = simulate(`${CHANNEL}
rules:
  Hot: { expr: temperature, warning: { above: 80 } }
  Wrong: { expr: 'temperature * on () temperature', warning: { above: 80 } }
  Cold: { expr: temperature, warning: { below: 91 } }
`);
  for (const instance of ['a', 'b']) simulation.series.script({ __name__: 'temperature', instance }, [{ at: START, value: 90 }]);
  await simulation.until(MINUTE);
  assert.equal((await alertsNamed(simulation, 'Hot')).length, 2);
  assert.equal((await alertsNamed(simulation, 'Cold')).length, 2);
  assert.deepEqual(
    (await alertsNamed(simulation, 'RuleFailing')).map((alert) => alert.labels['rule']),
    ['Wrong'],
  );
  await simulation.close();
});
