import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeForeignAlerts } from '../../engine/commands/foreign-alerts.ts';
import { startTestServer, tokenOf, type TestServer } from '../test-server.test.ts';

async function startOverEngine(): Promise<TestServer> {
  const running: TestServer = await startTestServer('', {
    foreignAlerts: {
      receive: (format, body, principal) => takeForeignAlerts(running.parts.world, running.parts.settings(), { format, body, principal }),
    },
  });
  return running;
}

const open = async ({ store }: TestServer): Promise<string[]> =>
  (await store.openAlerts(null)).map(({ value }) => `${value.labels['alertname']} ${value.state}`).toSorted();

test('Prometheus can use the server as its Alertmanager, with a token or with basic authentication', async () => {
  const running = await startOverEngine();
  const { authorization } = await tokenOf(running, 'ingest');
  const basic = `Basic ${Buffer.from(`prometheus:${authorization.slice('Bearer '.length)}`).toString('base64')}`;
  const post = (payload: object, header = authorization) =>
    running.inject({ method: 'POST', url: '/api/v2/alerts', payload, headers: { authorization: header } });
  const disk = { labels: { alertname: 'DiskFull', instance: 'a' }, annotations: { summary: 's' }, startsAt: '2027-01-15T08:00:00Z' };
  assert.equal((await post([disk, { labels: { alertname: 'Load', instance: 'a' } }])).statusCode, 200);
  assert.deepEqual(await open(running), ['DiskFull firing', 'Load firing']);
  assert.equal((await post([disk], basic)).statusCode, 200);
  assert.deepEqual(await open(running), ['DiskFull firing', 'Load firing'], 'repeated, not doubled');
  assert.equal((await post([{ ...disk, endsAt: '2027-01-15T08:00:00Z' }])).statusCode, 200);
  assert.deepEqual(await open(running), ['Load firing']);
  await running.close();
});

test('a webhook of Alertmanager: firing and resolved told apart, one bad alert harms no other', async () => {
  const running = await startOverEngine();
  const headers = await tokenOf(running, 'ingest');
  const post = (payload: object | string) =>
    running.inject({
      method: 'POST',
      url: '/api/hooks/alertmanager',
      payload,
      headers: { ...headers, 'content-type': 'application/json' },
    });
  const one = (name: string, status: string) => ({ status, labels: { alertname: name } });
  const hook = (alerts: readonly unknown[]) => ({ version: '4', status: 'firing', alerts });
  assert.equal((await post(hook([one('A', 'firing'), one('B', 'firing'), one('C', 'resolved')]))).statusCode, 200);
  assert.deepEqual(await open(running), ['A firing', 'B firing']);
  const partly = await post(hook([one('A', 'resolved'), { labels: 7 }, one('D', 'firing')]));
  assert.equal(partly.statusCode, 400);
  assert.match(JSON.stringify(partly.json().error.problems), /1\.labels/);
  assert.deepEqual(await open(running), ['B firing', 'D firing']);
  for (const bad of ['{', '"text"', '{"alerts":5}', '']) assert.equal((await post(bad)).statusCode, 400, bad);
  assert.deepEqual(await open(running), ['B firing', 'D firing']);
  await running.close();
});

test('a body above 16 MiB is refused before it is read', async () => {
  const running = await startOverEngine();
  const headers = { ...(await tokenOf(running, 'ingest')), 'content-type': 'application/json' };
  const answer = await running.inject({ method: 'POST', url: '/api/v2/alerts', payload: `["${'x'.repeat(17 * 1024 * 1024)}"]`, headers });
  assert.equal(answer.statusCode, 413);
  assert.equal(answer.json().error.code, 'too_large');
  await running.close();
});

test('labels named like the innards of the language are labels like any other, and what no label may be called is left out', async () => {
  const running = await startOverEngine();
  const headers = { ...(await tokenOf(running, 'ingest')), 'content-type': 'application/json' };
  const odd =
    '{"labels":{"alertname":"Odd","constructor":"c","toString":"t","hasOwnProperty":"h","__proto__":{"polluted":"yes"},"length":"3"}}';
  const payload = `[${odd},{"labels":{"alertname":"Other"}}]`;
  assert.equal((await running.inject({ method: 'POST', url: '/api/v2/alerts', payload, headers })).statusCode, 200);
  assert.deepEqual(await open(running), ['Odd firing', 'Other firing']);
  const [row] = (await running.store.openAlerts(null)).filter(({ value }) => value.labels['alertname'] === 'Odd');
  assert.deepEqual(Object.entries(row?.value.labels ?? {}).toSorted(), [
    ['alertname', 'Odd'],
    ['constructor', 'c'],
    ['hasOwnProperty', 'h'],
    ['length', '3'],
    ['toString', 't'],
  ]);
  assert.equal('polluted' in {}, false);
  await running.close();
});
