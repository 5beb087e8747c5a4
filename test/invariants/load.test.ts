import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MINUTE, SECOND } from '../../src/core/base/time.ts';
import type { Message } from '../../src/core/notify/group.ts';
import { askForRun } from '../../src/engine/commands/runs.ts';
import { oweMessage } from '../../src/engine/change.ts';
import { Loop } from '../../src/engine/loop.ts';
import { RuleSchedule } from '../../src/engine/rule-schedule.ts';
import type { SendOutcome, World } from '../../src/world.ts';
import { alice, simulate, START } from './play.ts';

const CONFIGURATION = `
channels:
  dead: { type: webhook, url: "http://127.0.0.1:9/dead" }
  pager: { type: webhook, url: "http://127.0.0.1:9/pager" }
route: { channel: pager, group_wait: 5s }
actions: { fix: { command: [fix] } }
rules: { Hot: { expr: temperature, warning: { above: 80, for: 1m } } }
`;

function message(id: string, channel: string): Message {
  const body = { subject: id, text: '', link: null, webhook: null };
  const none = { group: null, alerts: [], sentAt: null, leaseUntil: null, error: null };
  return { ...none, id, channel, reason: 'test', status: 'info', body, state: 'owed', attempts: 0, createdAt: START };
}

test('a receiver that hangs delays neither other receivers nor runs, however much is owed to it', async () => {
  const simulation = simulate(CONFIGURATION);
  await simulation.until(0);
  const release: (() => void)[] = [];
  const sent: string[] = [];
  const send = (channel: string, { id }: Message): Promise<SendOutcome> => {
    if (channel !== 'dead') sent.push(id);
    return channel === 'dead'
      ? new Promise((resolve) => release.push(() => resolve({ result: 'sent' })))
      : Promise.resolve({ result: 'sent' });
  };
  const world: World = { ...simulation.world, send };
  const loop = new Loop(world, () => simulation.settings, new RuleSchedule());
  for (let count = 0; count < 300; count += 1) {
    await world.store.commit({
      at: START,
      who: alice.actor,
      why: 'owed',
      about: [],
      writes: oweMessage(message(`m-${count}`, 'dead'), START - MINUTE),
    });
  }
  await world.store.commit({ at: START, who: alice.actor, why: 'owed', about: [], writes: oweMessage(message('m-page', 'pager'), START) });
  const asked = await askForRun(world, simulation.settings, {
    principal: alice,
    action: 'fix',
    parameters: {},
    comment: '',
    alert: null,
    idempotencyKey: null,
  });
  assert.ok('ok' in asked);

  for (let round = 0; round < 20; round += 1) {
    const deeds = await loop.round();
    await Promise.race([Promise.all(deeds), new Promise((resolve) => setImmediate(() => setImmediate(resolve)))]);
  }
  assert.deepEqual(sent, ['m-page']);
  assert.equal(simulation.started.length, 1);
  assert.ok(release.length <= 12, `${release.length} at once`);
  assert.ok((await loop.next()) > simulation.now, 'what waits for its receiver is not looked at all the time');

  for (let round = 0; round < 400 && release.length > 0; round += 1) {
    for (const letGo of release.splice(0)) letGo();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    await loop.round();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
  const { items } = await world.store.findMessages({ limit: 500 });
  assert.equal(items.filter(({ state }) => state === 'sent').length, 301);
  await simulation.close();
});

test('a rule is asked once, however many of its alerts are due at the same moment', async () => {
  const simulation = simulate(CONFIGURATION);
  let asked = 0;
  const { instant } = simulation.series;
  simulation.series.instant = (expr, at) => {
    asked += 1;
    return instant.call(simulation.series, expr, at);
  };
  for (let count = 0; count < 200; count += 1) {
    simulation.series.script({ __name__: 'temperature', instance: `n${count}` }, [{ at: START, value: 90 }]);
  }
  await simulation.until(59 * SECOND);
  asked = 0;
  await simulation.until(MINUTE + SECOND);
  assert.equal((await simulation.store.countAlerts())['firing'], 200);
  assert.ok(asked <= 4, `asked ${asked} times`);
  await simulation.close();
});

test('a thousand alerts of one rule that fire and resolve together are kept, told and ended', async () => {
  const simulation = simulate(CONFIGURATION.replace(', for: 1m', ''));
  for (let count = 0; count < 1000; count += 1) {
    simulation.series.script({ __name__: 'temperature', instance: `n${count}` }, [
      { at: START, value: 90 },
      { at: START + 30 * MINUTE, value: 20 },
    ]);
  }
  await simulation.until(30 * SECOND);
  assert.equal((await simulation.store.countAlerts())['firing'], 1000);
  await simulation.until(90 * MINUTE);
  assert.equal((await simulation.store.countAlerts())['firing'] ?? 0, 0);
  // One message holds 200; the others are counted in it and told after the interval.
  const told = (status: string): number =>
    new Set(simulation.received.filter((message) => message.status === status).flatMap((message) => message.alerts)).size;
  assert.equal(simulation.received[0]?.body.webhook?.truncatedAlerts, 800);
  assert.deepEqual([told('firing'), told('resolved')], [1000, 1000]);
  await simulation.close();
});
