import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR, MINUTE, SECOND } from '../../src/core/base/time.ts';
import { decideByLink, readDecisionToken } from '../../src/engine/commands/decision-links.ts';
import { askForRun } from '../../src/engine/commands/runs.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import { alertsNamed, alice, settingsOf, simulate } from './play.ts';

const CONFIGURATION = `
channels: { post: { type: email, to: [ops@example.com], smtp: { host: mail.example.com } } }
users: { bob: { role: operator, email: bob@example.com }, carol: { role: operator, email: carol@example.com } }
teams: { storage: { members: [bob, carol] } }
actions:
  careful: { command: [careful], approval: { by: [team:storage], expires: 1h, notify: [team:storage, "user:bob"] } }
`;

async function ask(simulation: Simulation): Promise<string> {
  const asked = { principal: alice, action: 'careful', parameters: {}, comment: '', alert: null, idempotencyKey: null };
  const result = await askForRun(simulation.world, simulation.settings, asked);
  assert.ok('ok' in result);
  return result.ok.id;
}

function linksOf(simulation: Simulation, person: string): readonly string[] {
  return simulation.mails.filter(({ asked }) => asked.person === person).map(({ links }) => links?.approve ?? 'none');
}

async function use(simulation: Simulation, address = '') {
  const link = readDecisionToken(simulation.world, address.slice(address.lastIndexOf('/') + 1));
  assert.ok(link !== null);
  return decideByLink(simulation.world, simulation.settings, link, '');
}

for (const moment of ['before', 'after'] as const) {
  test(`a mail that has to be sent again because the server died ${moment} sending carries the same link, and both decide once`, async () => {
    const simulation = simulate(CONFIGURATION);
    await simulation.until(0);
    const id = await ask(simulation);
    simulation.crash = moment;
    await simulation.until(5 * MINUTE);
    const all = [...linksOf(simulation, 'bob'), ...linksOf(simulation, 'carol')];
    assert.equal(all.length, moment === 'after' ? 3 : 2);
    assert.equal(new Set(all).size, 2, 'one link for each person');
    const outcomes = await Promise.all(all.map((link) => use(simulation, link)));
    assert.equal(outcomes.filter((outcome) => 'ok' in outcome).length, 1);
    await simulation.until(10 * MINUTE);
    assert.deepEqual(simulation.started, [id]);
    await simulation.close();
  });
}

test('a mail that waits goes to the address of the moment it is sent, and to nobody who is gone; that is no trouble', async () => {
  const simulation = simulate(CONFIGURATION, { failRate: 1 });
  await simulation.until(0);
  await ask(simulation);
  await simulation.until(MINUTE);
  assert.equal(simulation.mails.length, 0);
  simulation.configure(
    settingsOf(
      CONFIGURATION.replace('bob@example.com', 'robert@example.com').replace(', carol: { role: operator, email: carol@example.com }', ''),
    ),
  );
  simulation.failSends(0);
  await simulation.until(30 * MINUTE);
  assert.deepEqual(
    simulation.mails.map(({ address, asked }) => [address, asked.person]),
    [['robert@example.com', 'bob']],
  );
  const { items } = await simulation.store.findMessages({ limit: 10 });
  const lost = items.filter(({ state }) => state === 'given up');
  assert.deepEqual(
    lost.map(({ error }) => error),
    ['there is no user carol any more'],
  );
  assert.deepEqual(await alertsNamed(simulation, 'MessageNotDelivered'), []);
  await simulation.close();
});

test('no link is kept with a message, nor does one decide about a run that was asked for again', async () => {
  const simulation = simulate(CONFIGURATION);
  await simulation.until(0);
  await ask(simulation);
  await simulation.until(SECOND);
  const [first = ''] = linksOf(simulation, 'bob');
  const kept = JSON.stringify((await simulation.store.findMessages({ limit: 10 })).items);
  assert.ok(!kept.includes(first.slice(first.lastIndexOf('.'))));
  await simulation.until(2 * HOUR);
  const second = await ask(simulation);
  const late = await use(simulation, first);
  assert.ok('error' in late && /expired/.test(late.error.message));
  assert.equal((await simulation.store.load('run', second)).value?.state, 'awaiting approval');
  await simulation.close();
});
