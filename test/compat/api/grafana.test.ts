// What Grafana's Prometheus data source asks, in the order and the form it asks: its probes at "Save & test", its editor, a panel.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeWriteRequest } from '../../../src/core/wire/encode-write.ts';
import { openEmbeddedSeries } from '../../../src/io/series/embedded.ts';
import type { SeriesStore } from '../../../src/io/series/store.ts';
import { seriesPart } from '../../../src/main/series-part.ts';
import { startTestServer, type TestServer } from '../../../src/server/test-server.test.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-grafana-'));
const now = Math.floor(Date.now() / 60_000) * 60_000;
const seconds = now / 1000;
let store: SeriesStore;
let server: TestServer;
let url = '';

before(async () => {
  store = await openEmbeddedSeries({ folder, now: () => Date.now() });
  const samples = Array.from({ length: 41 }, (_, i) => ({ at: now - 600_000 + i * 15_000, value: i * 3 }));
  const body = encodeWriteRequest([
    { labels: { __name__: 'http_requests_total', job: 'api', code: '200' }, samples },
    { labels: { __name__: 'http_requests_total', job: 'api', code: '500' }, samples },
    { labels: { __name__: 'up', job: 'api' }, samples: samples.map(({ at }) => ({ at, value: 1 })) },
  ]);
  await store.write(body, 'none', 'test');
  server = await startTestServer('server: { anonymous: viewer }', { series: seriesPart(store) });
  server.time.now = Date.now();
  await server.server.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(server.server.server.address() as AddressInfo).port}`;
});
after(async () => {
  await server?.close();
  await store?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The headers that Grafana's proxy sends with each request of a panel. */
const PANEL = {
  'user-agent': 'Grafana/12.0.0',
  'x-datasource-uid': 'tocsin',
  'x-grafana-org-id': '1',
  'x-dashboard-uid': 'd1',
  'x-panel-id': '3',
  accept: 'application/json, text/plain, */*',
};

interface Envelope {
  readonly status: string;
  readonly data: unknown;
  readonly error?: string;
}

async function asked(method: 'GET' | 'POST', path: string, params: Record<string, string> = {}): Promise<Envelope> {
  const form = new URLSearchParams(params);
  const [query, options] = method === 'GET' ? [`?${form}`, {}] : ['', { method: 'POST', body: form }];
  const response = await fetch(`${url}${path}${query}`, { ...options, headers: PANEL });
  assert.equal(response.status, 200, path);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  const envelope = (await response.json()) as Envelope;
  assert.equal(envelope.status, 'success', path);
  return envelope;
}

test('"Save & test": which flavour and version, and does it calculate', async () => {
  const { data: build } = await asked('GET', '/api/v1/status/buildinfo');
  const { version, revision } = build as { readonly version: string; readonly revision: string };
  assert.match(version, /^3\.\d+\.\d+/, 'a version from which Grafana knows that labels can be matched');
  assert.equal(typeof revision, 'string');
  for (const method of ['POST', 'GET'] as const) {
    const { data } = await asked(method, '/api/v1/query', { query: '1+1', time: '4' });
    assert.deepEqual(data, { resultType: 'scalar', result: [4, '2'] });
  }
});

test('what the editor offers: metrics with their meaning, labels and values that fit the rest of the query', async () => {
  const window = { start: String(seconds - 3600), end: String(seconds) };
  const names = await asked('GET', '/api/v1/label/__name__/values', window);
  assert.deepEqual(names.data, ['http_requests_total', 'up']);
  await asked('GET', '/api/v1/metadata', { limit_per_metric: '1' });
  const labels = await asked('POST', '/api/v1/labels', { ...window, 'match[]': 'http_requests_total{job="api"}' });
  assert.deepEqual(labels.data, ['__name__', 'code', 'job']);
  const values = await asked('GET', '/api/v1/label/code/values', { ...window, 'match[]': '{__name__="http_requests_total"}' });
  assert.deepEqual(values.data, ['200', '500']);
  const series = await asked('POST', '/api/v1/series', { ...window, 'match[]': 'http_requests_total' });
  assert.equal((series.data as readonly unknown[]).length, 2);
  const parsed = await asked('POST', '/api/v1/parse_query', { query: 'sum(rate(http_requests_total[5m]))' });
  assert.equal((parsed.data as { readonly type: string }).type, 'aggregation');
});

test('a panel: a range by POST, and exemplars asked for beside it', async () => {
  const range = { start: String(seconds - 300), end: String(seconds), step: '15' };
  const query = 'sum by(code) (rate(http_requests_total{job=~"api|web"}[1m0s]))';
  const { data } = await asked('POST', '/api/v1/query_range', { ...range, query });
  const { resultType, result } = data as {
    readonly resultType: string;
    readonly result: readonly { readonly metric: object; readonly values: readonly (readonly [number, string])[] }[];
  };
  assert.equal(resultType, 'matrix');
  assert.deepEqual(
    result.map(({ metric }) => metric),
    [{ code: '200' }, { code: '500' }],
  );
  assert.equal(result[0]?.values.length, 21);
  const [at, rate] = result[0]?.values[20] ?? [0, ''];
  assert.equal(at, seconds);
  assert.ok(Math.abs(Number(rate) - 0.2) < 1e-12, rate);
  const exemplars = await asked('POST', '/api/v1/query_exemplars', { query, start: range.start, end: range.end });
  assert.deepEqual(exemplars.data, []);
});

test('a mistake in a query is told in the way that the editor shows', async () => {
  const form = new URLSearchParams({ query: 'sum(', time: String(seconds) });
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: form, headers: PANEL });
  assert.equal(response.status, 400);
  const { status, errorType, error } = (await response.json()) as Record<string, string>;
  assert.deepEqual([status, errorType], ['error', 'bad_data']);
  assert.match(error ?? '', /parse error/);
});
