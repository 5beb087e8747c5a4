// The whole loop over the API: a file in the agent's folder becomes an alert, which asks for approval, and the approved remedy ends it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { alerts } from '../../src/contract/api/alerts.ts';
import { recommendations } from '../../src/contract/api/recommendations.ts';
import { runs } from '../../src/contract/api/runs.ts';
import { system } from '../../src/contract/api/system.ts';
import type { Api } from './api.ts';
import { loopConfig } from './loop-config.ts';
import { Program } from './program.ts';
import { openHook, openMailbox } from './receivers.ts';
import { Stream } from './stream.ts';
import { until } from './until.ts';

const hook = await openHook();
const mailbox = await openMailbox();
const program = new Program({ config: {} });
let alice: Api;
let bob: Api;

before(async () => {
  program.configure(loopConfig({ hookUrl: hook.url, mailPort: mailbox.port, textfiles: program.textfiles }));
  await program.start();
  alice = await program.person('alice', 'operator');
  bob = await program.person('bob', 'operator');
  await program.agentIsHere();
});

after(async () => {
  await program.close();
  await hook.close();
  await mailbox.close();
});

test('a file becomes an alert, bob approves, the agent removes it live, the run is fixed, and everybody is told twice', async () => {
  const file = join(program.textfiles, 'x.prom');
  writeFileSync(file, 'left_over_files 1\n');
  const alert = await until('the alert fires', async () => {
    const { items } = await alice.ask(alerts.list, { query: { state: 'firing', filter: 'alertname="LeftOver"' } });
    return items[0];
  });
  assert.equal(alert.severity, 'error');
  assert.equal(alert.host, hostname());
  assert.equal(alert.annotations['summary'], `A file was left over on ${hostname()}`);

  const [waiting] = (await alice.ask(runs.list, { query: { state: 'awaiting approval' } })).items;
  assert.equal(waiting?.alert, alert.id);
  assert.deepEqual(waiting?.argv.at(-1), file);
  assert.equal(waiting?.mayDecide, false, 'alice is not asked');
  const refused = await alice.json('POST', `/api/runs/${waiting?.id}/approve`, { comment: 'me too' });
  assert.equal(refused.status, 403, refused.text);
  assert.ok(existsSync(file));

  const params = { id: waiting?.id ?? '' };
  const live = new Stream(bob, `/api/runs/${params.id}/output/live`);
  await bob.ask(runs.approve, { params, body: { comment: 'go ahead' } });
  await until('the first line is seen', () => live.output().text.includes('looking at'));
  const during = await bob.ask(runs.get, { params });
  assert.equal(during.run.state, 'running', 'output is seen while the command runs');
  assert.ok(existsSync(file));

  const ended = await live.end();
  assert.equal(ended.state, 'succeeded');
  assert.equal(live.output('stdout').text, `\x1b[36mlooking at\x1b[0m ${file}\n\x1b[32mremoved\x1b[0m\n`);
  assert.equal(live.output('stderr').text, 'removing it\n');
  assert.equal(existsSync(file), false);

  const { run, timeline } = await until('the run is verified', async () => {
    const detail = await alice.ask(runs.get, { params });
    return detail.run.verification === 'fixed' && detail;
  });
  assert.equal(run.exitCode, 0);
  assert.equal(run.trigger, 'left-over');
  assert.deepEqual(
    run.approvals.map(({ by, comment }) => [by, comment]),
    [['user:bob', 'go ahead']],
  );
  assert.ok(timeline.length >= 4, JSON.stringify(timeline));

  await until('the webhook got both', () => hook.got.length >= 2);
  await until('the mail got both', () => mailbox.got.length >= 2);
  assert.deepEqual(
    hook.got.map(({ body }) => body.status),
    ['firing', 'resolved'],
  );
  for (const { headers, body, text } of hook.got) {
    assert.equal(body.alerts.length, 1);
    assert.equal(body.alerts[0]?.labels['alertname'], 'LeftOver');
    assert.equal(body.alerts[0]?.labels['team'], 'storage');
    assert.equal(headers['x-tocsin-signature'], `v1=${createHmac('sha256', 'loop secret').update(text).digest('hex')}`);
  }
  assert.deepEqual(
    mailbox.got.map(({ subject }) => /resolved/i.test(subject ?? '')),
    [false, true],
  );

  // A receiver has a message before its receipt is written down.
  const {
    alert: over,
    messages,
    explanation,
  } = await until('all receipts are there', async () => {
    const detail = await alice.ask(alerts.get, { params: { id: alert.id } });
    return detail.messages.every(({ state }) => state === 'sent') && detail;
  });
  assert.equal(over.state, 'resolved');
  assert.ok(explanation.length > 0);
  assert.deepEqual(messages.map(({ channel, status, state }) => `${channel} ${status} ${state}`).sort(), [
    'hook firing sent',
    'hook resolved sent',
    'mail firing sent',
    'mail resolved sent',
  ]);
});

test('the demonstration goes the same way with one click and one approval', async () => {
  assert.equal((await alice.ask(system.demo)).available, true);
  await alice.ask(system.tryDemo);
  const { run = '' } = await until('the demonstration has a run', async () => {
    const state = await alice.ask(system.demo);
    return state.run !== null && { run: state.run };
  });
  const { items } = await alice.ask(recommendations.list, { query: { active: 'true' } });
  assert.equal(items[0]?.recommendation, 'demo');
  await bob.ask(runs.approve, { params: { id: run }, body: {} });
  await until('it is fixed', async () => (await alice.ask(runs.get, { params: { id: run } })).run.verification === 'fixed', 20_000);
  assert.equal((await alice.ask(system.demo)).active, false);
  assert.deepEqual((await alice.ask(recommendations.list, { query: { active: 'true' } })).items, []);
});
