// Every request of the list to Debian's Prometheus 2.42 and to Tocsin, both holding the same samples: the same status, the same envelope, field by field.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { encodeWriteRequest, type WriteSeries } from '../../../src/core/wire/encode-write.ts';
import { encodeSnappy } from '../../../src/core/wire/snappy.ts';
import { openEmbeddedSeries } from '../../../src/io/series/embedded.ts';
import type { SeriesStore } from '../../../src/io/series/store.ts';
import { seriesPart } from '../../../src/main/series-part.ts';
import { startTestServer, type TestServer } from '../../../src/server/test-server.test.ts';
import { type RealStore, startEmptyPrometheus } from '../series/real-stores.ts';
import { type Asked, requestsAt } from './requests.ts';

/** What differs between 2.42 and 3.x, or between a Prometheus and Tocsin, on purpose. */
const DIFFERENCES: readonly { readonly why: string; readonly in: (asked: Asked, field: string) => boolean }[] = [
  {
    why: 'times and versions are those of each server',
    in: ({ path }, field) => path === '/api/v1/status/buildinfo' && field.startsWith('data.'),
  },
  { why: 'the configuration is Tocsin`s own', in: ({ path }) => path === '/api/v1/status/config' },
  {
    why: 'the runtime is another one; 3.x also tells hostname, time of the server and bound of the memory',
    in: ({ path }, field) => path === '/api/v1/status/runtimeinfo' && field.startsWith('data.'),
  },
  { why: 'the journal has other files', in: ({ path }, field) => path === '/api/v1/status/walreplay' && field.startsWith('data.') },
  {
    why: 'a head that began earlier than its first sample; chunks of other lengths; the order among equals is free',
    in: ({ path }, field) => path === '/api/v1/status/tsdb' && /minTime|chunkCount|\.\d+\.name$/.test(field),
  },
  { why: 'measured', in: (_asked, field) => /\.stats\./.test(field) },
  {
    why: 'an expression that is refused is shown as it was written; 3.x reads a length of time without a unit as seconds',
    in: ({ params }, field) => field === 'error' && params.some(([, text]) => text === 'load{host=~"("}' || text === 'load[0]'),
  },
  {
    why: '3.x says which parameter of a range query is wrong',
    in: ({ path }, field) => path === '/api/v1/query_range' && field === 'error',
  },
];

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'tocsin-envelopes-'));
const now = Math.floor(Date.now() / 1000) * 1000;
let prometheus: RealStore;
let store: SeriesStore;
let server: TestServer;
let url = '';

function series(): WriteSeries[] {
  const samples = (value: (i: number) => number) =>
    Array.from({ length: 41 }, (_, i) => ({ at: now - 607_000 + i * 15_000, value: value(i) }));
  return [
    { labels: { __name__: 'load', host: 'a', job: 'api', instance: 'i:1' }, samples: samples((i) => i / 8) },
    { labels: { __name__: 'load', host: 'b', job: 'api' }, samples: samples((i) => 1e6 * i) },
    { labels: { __name__: 'load', host: 'é"\\', job: 'web' }, samples: samples((i) => (i % 7 === 0 ? Number.NaN : -i)) },
    { labels: { __name__: 'requests_total', host: 'a' }, samples: samples((i) => 10 * i) },
    {
      labels: { __name__: 'ended', host: 'a' },
      samples: [
        { at: now - 60_000, value: 1 },
        { at: now - 30_000, value: 'stale' },
      ],
    },
  ];
}

before(async () => {
  prometheus = await startEmptyPrometheus();
  store = await openEmbeddedSeries({ folder, now: () => now });
  server = await startTestServer('server: { anonymous: viewer }', { series: seriesPart(store) });
  server.time.now = now;
  await server.server.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(server.server.server.address() as AddressInfo).port}`;
  const body = encodeWriteRequest(series());
  await store.write(body.slice(), 'none', 'test');
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
  const written = await fetch(prometheus.write, { method: 'POST', body: Buffer.from(encodeSnappy(body)), headers });
  assert.equal(written.status, 204);
});
after(async () => {
  await server?.close();
  await store?.close();
  await prometheus?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Heard {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

async function ask(base: string, { method, path, params }: Asked): Promise<Heard> {
  const query = new URLSearchParams(params.map(([name, value]): [string, string] => [name, value])).toString();
  const answer =
    method === 'GET'
      ? await fetch(`${base}${path}?${query}`)
      : await fetch(`${base}${path}`, {
          method,
          body: query,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        });
  const type = (answer.headers.get('content-type') ?? '').replace(/; charset=utf-8$/, '');
  const text = await answer.text();
  return { status: answer.status, type, body: type === 'application/json' ? JSON.parse(text) : text };
}

/** Every leaf of an answer by its path. */
function leaves(value: unknown, path = '', into = new Map<string, unknown>()): Map<string, unknown> {
  if (typeof value !== 'object' || value === null) return into.set(path, value);
  const entries = Object.entries(value);
  if (entries.length === 0) into.set(path, Array.isArray(value) ? '[]' : '{}');
  for (const [name, inner] of entries) leaves(inner, path === '' ? name : `${path}.${name}`, into);
  return into;
}

function differencesOf(asked: Asked, theirs: Heard, ours: Heard): string[] {
  const found: string[] = [];
  const left = leaves({ status: theirs.status, type: theirs.type, body: theirs.body });
  const right = leaves({ status: ours.status, type: ours.type, body: ours.body });
  for (const field of new Set([...left.keys(), ...right.keys()])) {
    if (Object.is(left.get(field), right.get(field))) continue;
    const name = field.replace(/^body\.?/, '');
    if (DIFFERENCES.some((known) => known.in(asked, name))) continue;
    found.push(
      `${asked.method} ${asked.path} ${asked.params.map((pair) => pair.join('=')).join('&')}\n  ${field}: theirs ${left.get(field)}, ours ${right.get(field)}`,
    );
  }
  return found;
}

test('the same requests get the same answers', async () => {
  const requests = requestsAt(now / 1000);
  const found: string[] = [];
  for (const asked of requests) {
    const [theirs, ours] = await Promise.all([ask(prometheus.url, asked), ask(url, asked)]);
    found.push(...differencesOf(asked, theirs, ours));
  }
  assert.ok(requests.length > 150);
  assert.deepEqual(found, []);
});

test('promtool reads from Tocsin what it reads from Prometheus', async () => {
  const time = String(now / 1000);
  const calls = [
    ['instant', '--time', time, 'load'],
    ['instant', '--time', time, 'sum by (host) (rate(requests_total[1m]))'],
    ['range', '--start', String(now / 1000 - 120), '--end', time, '--step', '30s', 'load{host="a"}'],
    ['series', '--match', 'load', '--start', String(now / 1000 - 600), '--end', time],
    ['labels', 'host'],
  ];
  for (const [kind = '', ...args] of calls) {
    const target = kind === 'instant' || kind === 'range' ? args.length - 1 : kind === 'labels' ? 0 : args.length;
    const [theirs, ours] = await Promise.all(
      [prometheus.url, url].map((base) => run('promtool', ['query', kind, ...args.slice(0, target), base, ...args.slice(target)])),
    );
    assert.ok((theirs?.stdout.length ?? 0) > 4, kind);
    assert.equal(ours?.stdout, theirs?.stdout, kind);
  }
});
