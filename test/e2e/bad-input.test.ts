// What comes from outside and is wrong: a clear refusal with its reason, a count of it, and everything else goes on.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it, test } from 'node:test';
import { ErrorBody } from '../../src/contract/endpoint.ts';
import { actions } from '../../src/contract/api/actions.ts';
import { alerts } from '../../src/contract/api/alerts.ts';
import { runs } from '../../src/contract/api/runs.ts';
import { system } from '../../src/contract/api/system.ts';
import { encodeWriteRequest } from '../../src/core/wire/encode-write.ts';
import { encodeSnappy } from '../../src/core/wire/snappy.ts';
import type { Answered, Api } from './api.ts';
import { Program } from './program.ts';
import { remoteWrite, remoteWriteBytes, sampleNow } from './samples.ts';
import { Stream } from './stream.ts';
import { until } from './until.ts';

const program = new Program({
  config: {
    actions: {
      limited: {
        command: ['/bin/echo', '{count}', '{mode}'],
        parameters: { count: { type: 'integer', min: 1, max: 9 }, mode: { type: 'enum', values: ['a', 'b'], default: 'a' } },
      },
      hostile: { command: ['/bin/printf', '%s', '<img src=x onerror=alert(1)>\x1b]8;;javascript:alert(1)\x07x\x1b]8;;\x07'] },
    },
    rules: { Steady: { expr: 'steady > 0', warning: {} } },
    built_in: { rules: false, demo: false },
  },
});
let admin: Api;

before(async () => {
  await program.start();
  admin = program.admin;
  await program.agentIsHere();
});
after(() => program.close());

interface Case {
  readonly name: string;
  readonly send: () => Promise<Answered>;
  readonly status: number;
  /** Stands in the answer. */
  readonly why: RegExp;
}

const post = (path: string, body: unknown) => (): Promise<Answered> => admin.json('POST', path, body);
const text =
  (path: string, body: string, type = 'application/json') =>
  (): Promise<Answered> =>
    admin.send('POST', path, { body, headers: { 'content-type': type } });
const read = (path: string) => (): Promise<Answered> => admin.send('GET', path);
const write = (body: Uint8Array) => (): Promise<Answered> => remoteWriteBytes(admin, body);
const range = (query: string) => read(`/api/v1/query_range?${query}`);
/** Snappy whose preamble promises four gigabytes. */
const BOMB = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x41);
const manyLabels = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`l${index}`, 'x']));

const CASES: readonly Case[] = [
  { name: 'remote write: not Snappy', send: write(Buffer.from('hello, this is not snappy')), status: 400, why: /snappy/i },
  { name: 'remote write: not protobuf', send: write(encodeSnappy(Buffer.from('hello'))), status: 400, why: /./ },
  {
    name: 'remote write: cut off',
    send: write(encodeSnappy(encodeWriteRequest([sampleNow('cut', 1)]).slice(0, 9))),
    status: 400,
    why: /./,
  },
  { name: 'remote write: a bomb', send: write(BOMB), status: 413, why: /./ },
  { name: 'remote write: too large', send: write(new Uint8Array(33 << 20)), status: 413, why: /large/ },
  { name: 'remote write: other content', send: text('/api/v1/write', '{}'), status: 415, why: /content type/ },
  { name: 'remote write: too many labels', send: () => remoteWrite(admin, [sampleNow('wide', 1, manyLabels)]), status: 400, why: /label/ },
  {
    name: 'remote write: no name',
    send: () => remoteWrite(admin, [{ labels: { a: 'b' }, samples: [{ at: Date.now(), value: 1 }] }]),
    status: 400,
    why: /name/,
  },
  {
    name: 'remote write: long ago',
    send: () => remoteWrite(admin, [{ labels: { __name__: 'old' }, samples: [{ at: 1000, value: 1 }] }]),
    status: 400,
    why: /./,
  },
  { name: 'JSON: malformed', send: text('/api/v2/alerts', '[{"labels":'), status: 400, why: /JSON/ },
  { name: 'JSON: nested too deeply', send: text('/api/v2/alerts', '['.repeat(5000)), status: 400, why: /nested/ },
  { name: 'JSON: a prototype', send: text('/api/actions/limited/runs', '{"parameters":{"__proto__":{"count":1}}}'), status: 400, why: /./ },
  { name: 'JSON: other content', send: text('/api/v2/alerts', 'labels: {}', 'application/yaml'), status: 415, why: /content type/ },
  { name: 'JSON: too large', send: text('/api/actions/limited/runs', `{"comment":"${'x'.repeat(3 << 20)}"}`), status: 413, why: /large/ },
  { name: 'alerts: no list', send: post('/api/v2/alerts', { labels: {} }), status: 400, why: /array/ },
  {
    name: 'alerts: too many',
    send: post(
      '/api/v2/alerts',
      Array.from({ length: 10_001 }, () => ({ labels: { a: 'b' } })),
    ),
    status: 400,
    why: /10000/,
  },
  { name: 'alerts: no webhook', send: post('/api/hooks/alertmanager', [1]), status: 400, why: /./ },
  {
    name: 'alerts: an endless value',
    send: post('/api/v2/alerts', [{ labels: { alertname: 'x'.repeat(20_000) } }]),
    status: 400,
    why: /0\.labels/,
  },
  { name: 'parameters: none', send: post('/api/actions/limited/runs', {}), status: 400, why: /"path":"count"/ },
  {
    name: 'parameters: too great',
    send: post('/api/actions/limited/runs', { parameters: { count: 10 } }),
    status: 400,
    why: /"path":"count"/,
  },
  {
    name: 'parameters: no number',
    send: post('/api/actions/limited/runs', { parameters: { count: '1; rm' } }),
    status: 400,
    why: /"path":"count"/,
  },
  {
    name: 'parameters: two are wrong',
    send: post('/api/actions/limited/runs', { parameters: { count: 0, mode: 'c' } }),
    status: 400,
    why: /"path":"count".*"path":"mode"/,
  },
  { name: 'a key nobody knows', send: post('/api/actions/limited/runs', { params: { count: 1 } }), status: 400, why: /params/ },
  { name: 'an action nobody knows', send: post(`/api/actions/${encodeURIComponent('../x')}/runs`, {}), status: 404, why: /no action/ },
  { name: 'a run nobody knows', send: post('/api/runs/r1/approve', {}), status: 404, why: /no run/ },
  { name: 'a page too long', send: read('/api/alerts?limit=100000'), status: 400, why: /limit/ },
  { name: 'matchers that are none', send: read(`/api/alerts?filter=${encodeURIComponent('a=~"("')}`), status: 400, why: /./ },
  { name: 'PromQL: malformed', send: read('/api/v1/query?query=sum(('), status: 400, why: /bad_data/ },
  { name: 'PromQL: none', send: read('/api/v1/query'), status: 400, why: /bad_data/ },
  { name: 'PromQL: too many points', send: range('query=up&start=0&end=1000000&step=1'), status: 400, why: /points|resolution/ },
  { name: 'PromQL: no step', send: range('query=up&start=0&end=10&step=0'), status: 400, why: /step/ },
  { name: 'PromQL: backwards', send: range('query=up&start=10&end=0&step=1'), status: 400, why: /end/ },
  { name: 'PromQL: a deep nest', send: read(`/api/v1/query?query=${'('.repeat(3000)}1${')'.repeat(3000)}`), status: 400, why: /bad_data/ },
  { name: 'an address that is none', send: read('/api/nothing'), status: 404, why: /./ },
];

/** How many answers of this status the program has counted, by its own account. */
async function counted(status: number): Promise<number> {
  const { text: metrics } = await admin.send('GET', '/metrics');
  const lines = metrics.split('\n').filter((line) => line.startsWith('tocsin_http_requests_total{') && line.includes(`code="${status}"`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('wrong input', () => {
  for (const { name, send, status, why } of CASES) {
    it(`${name}: ${status}`, async () => {
      const before = await counted(status);
      const answer = await send();
      assert.equal(answer.status, status, answer.text.slice(0, 500));
      assert.match(answer.text, why);
      assert.ok(answer.text.length < 10_000, 'the refusal is short');
      assert.ok((await counted(status)) > before, 'it is counted');
      if (answer.headers.get('content-type')?.includes('json') === true && !answer.text.includes('"status":"error"'))
        ErrorBody.parse(JSON.parse(answer.text));
    });
  }

  it('leaves everything else unharmed', async () => {
    assert.equal((await remoteWrite(admin, [sampleNow('steady', 1, { lane: '1' })])).status, 204);
    await until(
      'the rule judges',
      async () => (await admin.ask(alerts.list, { query: { filter: 'alertname="Steady"' } })).items.length === 1,
    );
    const { run } = await admin.ask(actions.run, { params: { name: 'limited' }, body: { parameters: { count: 5 } } });
    await until('an action runs', async () => (await admin.ask(runs.get, { params: { id: run } })).run.state === 'succeeded');
    const { text: metrics } = await admin.send('GET', '/metrics');
    assert.match(metrics, /tocsin_remote_write_requests_total\{outcome="bad"\} [1-9]/);
    assert.match(metrics, /tocsin_remote_write_requests_total\{outcome="too-large"\} [1-9]/);
    assert.doesNotMatch(metrics, /tocsin_http_internal_errors_total [1-9]/);
    const { parts } = await admin.ask(system.status);
    assert.deepEqual(
      parts.filter(({ state }) => state !== 'ok'),
      [],
    );
  });
});

test('of a write with good and bad series the good ones are kept and the answer says what was refused', async () => {
  const answer = await remoteWrite(admin, [sampleNow('half_good', 1), sampleNow('half_bad', 1, manyLabels)]);
  assert.equal(answer.status, 400);
  const kept = await admin.send('GET', '/api/v1/query?query=half_good');
  assert.match(kept.text, /"__name__":"half_good"/);
});

test('nobody reaches files or other hosts with a strange request line', async () => {
  for (const path of [
    '/../../../../etc/passwd',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '//etc/passwd',
    '/assets/%00',
  ]) {
    const answer = await rawRequest(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    assert.doesNotMatch(answer, /root:|"dependencies"/, path);
    assert.match(answer, /^HTTP\/1\.1 (200|400|404)/, path);
  }
  assert.match(await rawRequest('GARBAGE\r\n\r\n'), /^HTTP\/1\.1 400/);
  assert.match(await rawRequest(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(100_000)}\r\n\r\n`), /^HTTP\/1\.1 431/);
});

function rawRequest(request: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(program.url).port), '127.0.0.1', () => socket.write(request));
    let heard = '';
    socket.setEncoding('latin1').on('data', (more: string) => (heard += more));
    socket.on('close', () => resolve(heard));
    socket.on('error', () => resolve(heard));
  });
}

test('hostile text is data everywhere: kept as it is, sent as JSON or as a download, never as a page', async () => {
  const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}$(id)';
  await admin.json('POST', '/api/v2/alerts', [
    {
      labels: { alertname: evil, instance: evil, severity: 'critical' },
      annotations: { summary: evil },
      generatorURL: 'javascript:alert(1)',
    },
  ]);
  const { items } = await admin.ask(alerts.list, { query: { severity: 'critical' } });
  assert.deepEqual([items[0]?.name, items[0]?.annotations['summary'], items[0]?.generatorUrl], [evil, evil, '']);
  const { run: id } = await admin.ask(actions.run, { params: { name: 'hostile' } });
  assert.equal((await new Stream(admin, `/api/runs/${id}/output/live`).end()).state, 'succeeded');
  const output = await admin.send('GET', `/api/runs/${id}/output`);
  assert.match(output.text, /<img src=x/);
  for (const answer of [output, await admin.send('GET', `/api/alerts/${items[0]?.id}`), await admin.send('GET', '/')]) {
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'|default-src 'self'/);
    assert.doesNotMatch(answer.headers.get('content-security-policy') ?? '', /script-src[^;]*'unsafe-inline'/);
  }
  assert.match(output.headers.get('content-type') ?? '', /^text\/plain/);
});
