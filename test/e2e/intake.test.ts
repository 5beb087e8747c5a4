// Alerts of other systems: Prometheus' own requests and Alertmanager's webhook, again and again, in batches, and with bad ones among them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { alerts } from '../../src/contract/api/alerts.ts';
import { runs } from '../../src/contract/api/runs.ts';
import type { Api } from './api.ts';
import { Program } from './program.ts';
import { openHook } from './receivers.ts';
import { until } from './until.ts';

const V2 = '/api/v2/alerts';
const WEBHOOK = '/api/hooks/alertmanager';

const hook = await openHook();
const program = new Program({
  config: {
    channels: { hook: { type: 'webhook', url: hook.url } },
    route: { channel: 'hook', group_by: ['alertname'], group_wait: '300ms', group_interval: '300ms' },
    actions: { note: { command: ['/bin/echo', 'noted'] } },
    triggers: { page: { match: 'page="yes"', run: 'note' } },
    built_in: { rules: false, demo: false },
  },
});
let prometheus: Api;
let reader: Api;

before(async () => {
  await program.start();
  prometheus = await program.token('prometheus', 'ingest');
  reader = await program.token('reader', 'viewer');
  await program.agentIsHere();
});

after(async () => {
  await program.close();
  await hook.close();
});

function ofName(name: string) {
  return reader.ask(alerts.list, { query: { filter: `alertname="${name}"` } }).then(({ items }) => items);
}

/** As Prometheus posts it: while it fires the end lies in the future, then in the past. */
function stated(alertname: string, labels: Readonly<Record<string, string>>, status: 'firing' | 'resolved') {
  const now = Date.now();
  return {
    labels: { alertname, ...labels },
    annotations: { summary: `${alertname} happened` },
    startsAt: new Date(now - 60_000).toISOString(),
    endsAt: new Date(status === 'firing' ? now + 240_000 : now - 1).toISOString(),
    generatorURL: 'http://prometheus.example.com/graph?g0.expr=up',
  };
}

test('a firing alert that is repeated is one alert, told once, and its end is told', async () => {
  for (let repeat = 0; repeat < 5; repeat += 1) {
    const answer = await prometheus.json('POST', V2, [stated('Repeated', { severity: 'critical', instance: 'db:9100' }, 'firing')]);
    assert.equal(answer.status, 200, answer.text);
  }
  const [alert, ...more] = await ofName('Repeated');
  assert.deepEqual(more, []);
  assert.equal(alert?.state, 'firing');
  assert.equal(alert.severity, 'critical');
  assert.equal(alert.host, 'db');
  assert.equal(alert.generatorUrl, 'http://prometheus.example.com/graph?g0.expr=up');
  const told = (status: string): number => hook.got.filter(({ body }) => body.status === status && /Repeated/.test(body.groupKey)).length;
  await until('it is told', () => told('firing') > 0);
  await prometheus.json('POST', V2, [stated('Repeated', { severity: 'critical', instance: 'db:9100' }, 'resolved')]);
  await until('its end is told', () => told('resolved') > 0);
  assert.equal((await ofName('Repeated'))[0]?.state, 'resolved');
  assert.deepEqual([told('firing'), told('resolved')], [1, 1]);
});

test('each alert of a batch is judged on its own: a resolved one starts nothing, a bad one is named, the good ones are taken', async () => {
  const alertsOfBatch = [
    { ...stated('Batch', { number: '1', page: 'yes' }, 'firing'), status: 'firing' },
    { ...stated('Batch', { number: '2', page: 'yes' }, 'resolved'), status: 'resolved' },
    { labels: { alertname: 7 }, status: 'firing' },
    { status: 'firing' },
    'nonsense',
    { ...stated('Batch', { number: '3' }, 'firing'), status: 'firing' },
  ];
  const answer = await prometheus.json('POST', WEBHOOK, { version: '4', status: 'firing', alerts: alertsOfBatch });
  assert.equal(answer.status, 400);
  for (const index of [2, 3, 4]) assert.ok(answer.text.includes(`"${index}.`) || answer.text.includes(`"${index}"`), answer.text);
  const taken = await ofName('Batch');
  assert.deepEqual(taken.map(({ labels, state }) => `${labels['number']} ${state}`).sort(), ['1 firing', '3 firing']);
  const started = await until('the trigger ran', async () => {
    const { items } = await reader.ask(runs.list, { query: { action: 'note' } });
    return items.length > 0 && items;
  });
  assert.deepEqual(
    started.map((run) => run.alert),
    [taken.find(({ labels }) => labels['number'] === '1')?.id],
  );
});

test('an alert that fires again after its end is another one, with a history', async () => {
  for (const status of ['firing', 'resolved', 'firing', 'resolved'] as const) {
    const answer = await prometheus.json('POST', V2, [stated('Again', {}, status)]);
    assert.equal(answer.status, 200, answer.text);
  }
  const found = await ofName('Again');
  assert.deepEqual(
    found.map(({ state }) => state),
    ['resolved', 'resolved'],
  );
  assert.equal(new Set(found.map(({ fingerprint }) => fingerprint)).size, 1);
});

test('many alerts in one request are all taken, and all told in few messages', async () => {
  const many = Array.from({ length: 150 }, (_, index) => stated('Many', { index: String(index) }, 'firing'));
  const answer = await prometheus.json('POST', V2, many);
  assert.equal(answer.status, 200, answer.text);
  const messages = () => hook.got.filter(({ body }) => /Many/.test(body.groupKey));
  const told = () => new Set(messages().flatMap(({ body }) => body.alerts.map(({ labels }) => labels['index'])));
  await until('they are told', () => told().size === 150);
  assert.ok(messages().length <= 10, `${messages().length} messages`);
});

test('a token that may only send alerts may do nothing else, and without one nothing is taken', async () => {
  assert.equal((await prometheus.send('GET', '/api/alerts')).status, 403);
  assert.equal((await prometheus.json('POST', '/api/actions/note/runs', {})).status, 403);
  assert.equal((await reader.json('POST', V2, [stated('Viewer', {}, 'firing')])).status, 403);
  const nobody = await fetch(`${program.url}${V2}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[]' });
  assert.equal(nobody.status, 401);
  assert.deepEqual(await ofName('Viewer'), []);
});
