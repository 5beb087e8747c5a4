// Debian's Prometheus (2.42, whose quantiles of histograms are others than today's) scrapes native histograms and
// writes them to Tocsin; and it takes those that Tocsin encodes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeWriteRequest } from '../../src/core/wire/encode-write.ts';
import { encodeSnappy } from '../../src/core/wire/snappy.ts';
import { openEmbeddedSeries } from '../../src/io/series/embedded.ts';
import type { SeriesStore } from '../../src/io/series/store.ts';
import { seriesPart } from '../../src/main/series-part.ts';
import { startTestServer, type TestServer, tokenOf } from '../../src/server/test-server.test.ts';
import { nativeFamily } from '../doors/native-histogram.ts';
import { delimited } from '../doors/proto.ts';
import { Program } from '../e2e/program.ts';
import { until } from '../e2e/until.ts';
import { type RealStore, startEmptyPrometheus } from './series/real-stores.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-native-'));
const begun = Date.now();
let store: SeriesStore;
let server: TestServer;
let exporter: Server;
let program: Program;
let prometheus: RealStore;
let ours = '';
let scrapes = 0;

before(async () => {
  store = await openEmbeddedSeries({ folder, now: () => Date.now() });
  server = await startTestServer('server: { anonymous: viewer }', { series: seriesPart(store) });
  server.time.now = Date.now();
  const { authorization } = await tokenOf(server, 'agent');
  await server.server.listen({ host: '127.0.0.1', port: 0 });
  ours = `http://127.0.0.1:${(server.server.server.address() as AddressInfo).port}`;
  exporter = createServer((_request, response) => {
    scrapes += 1;
    // From time to time the counter begins anew, far from zero: how far back a rate reaches towards zero is another matter since 3.x.
    const n = 100 + (scrapes % 16);
    const body = delimited(
      nativeFamily('latency', [n, 2 * n, 0, 1], { trace: `t${scrapes}`, value: 2, at: Math.floor(Date.now() / 1000) }),
    );
    response.setHeader('content-type', 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited');
    response.end(body);
  });
  await new Promise<void>((done) => exporter.listen(0, '127.0.0.1', done));
  const target = `127.0.0.1:${(exporter.address() as AddressInfo).port}`;
  const job = { job_name: 'native', static_configs: [{ targets: [target] }] };
  const config = { global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: [{ ...job, scrape_native_histograms: true }] };
  program = await Program.start({ config: JSON.stringify(config), localAgent: false });
  prometheus = await startEmptyPrometheus({
    global: { scrape_interval: '1s' },
    scrape_configs: [job],
    remote_write: [
      {
        url: `${ours}/api/v1/write`,
        send_native_histograms: true,
        send_exemplars: true,
        authorization: { credentials: authorization.replace('Bearer ', '') },
        metadata_config: { send_interval: '1s' },
        queue_config: { batch_send_deadline: '200ms' },
      },
    ],
  });
});
after(async () => {
  await prometheus?.stop();
  await program?.close();
  exporter?.close();
  await server?.close();
  await store?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(base: string, path: string, params: Readonly<Record<string, string>>): Promise<unknown> {
  const answer = await fetch(`${base}/api/v1/${path}?${new URLSearchParams(params)}`);
  // Prometheus takes the bounds of buckets from a table that is a bit off in the last digit.
  const text = (await answer.text()).replaceAll(/"-?\d+\.\d{12,}"/g, (number) => `"${Number(JSON.parse(number)).toPrecision(12)}"`);
  const { data } = JSON.parse(text) as { data?: { result?: unknown } };
  return data?.result ?? data;
}

test('what Prometheus scrapes and writes is what Tocsin answers', async () => {
  const at = await until(
    'twelve histograms came',
    async () => {
      const now = Date.now() / 1000;
      const [one] = (await ask(ours, 'query', { query: 'count_over_time(latency[1h])', time: String(now) })) as {
        value: [number, string];
      }[];
      return Number(one?.value[1] ?? 0) >= 12 ? Math.floor(now) - 2 : null;
    },
    60_000,
  );
  const range = { start: String(at - 8), end: String(at), step: '1' };
  // What Prometheus has scraped by then it sends a little later.
  await until('all of it came', async () => {
    const newest = { query: 'timestamp(latency)', time: String(at) };
    const [here, there] = [await ask(ours, 'query', newest), await ask(prometheus.url, 'query', newest)] as { value: [number, string] }[][];
    return here?.[0]?.value[1] === there?.[0]?.value[1];
  });
  for (const query of ['latency', 'histogram_count(latency)', 'histogram_sum(rate(latency[5s]))', 'increase(latency[4s])']) {
    const theirs = (await ask(prometheus.url, 'query_range', { query, ...range })) as readonly unknown[];
    assert.equal(theirs.length, 1, query);
    assert.deepEqual(await ask(ours, 'query_range', { query, ...range }), theirs, query);
  }
});

test('exemplars and metadata come along', async () => {
  const params = { query: 'latency_bucket or latency', start: String(begun / 1000), end: String(begun / 1000 + 3600) };
  const found = await until('there are exemplars', async () => {
    const [one] = (await ask(ours, 'query_exemplars', params)) as { exemplars: { labels: object; value: string }[] }[];
    return one?.exemplars[0] ?? null;
  });
  assert.deepEqual([Object.keys(found.labels), found.value], [['trace_id'], '2']);
  const expected = { latency: [{ type: 'histogram', help: 'How long it takes.', unit: '' }] };
  await until('metadata came', async () => {
    const said = await ask(ours, 'metadata', { metric: 'latency' });
    return JSON.stringify(said) === JSON.stringify(expected);
  });
});

test('the program scrapes what Prometheus scrapes', async () => {
  const query = async (expr: string): Promise<readonly { metric: Record<string, string>; histogram?: unknown[]; value?: unknown[] }[]> => {
    const { text } = await program.admin.send('GET', `/api/v1/query?query=${encodeURIComponent(expr)}`);
    return (JSON.parse(text) as { data: { result: { metric: Record<string, string> }[] } }).data.result;
  };
  const [one] = await until('it has scraped', async () => {
    const found = await query('latency');
    return found.length > 0 ? found : null;
  });
  const [theirs] = (await ask(prometheus.url, 'query', { query: 'latency' })) as { metric: object }[];
  assert.deepEqual(one?.metric, theirs?.metric);
  assert.ok(one?.histogram !== undefined);
  assert.deepEqual(await query('latency_bucket'), []);
  const started = await query('start_timestamp(latency)');
  assert.equal(started[0]?.value?.[1], '7');
});

test('what Tocsin encodes is what Prometheus takes', async () => {
  const now = Math.floor(Date.now() / 1000) * 1000;
  const samples = Array.from({ length: 20 }, (_, i) => {
    const count = Float64Array.of(i % 7, 2 * (i % 7), 3.5);
    const positive = { index: Int32Array.of(-1, 0, 5), count: i % 2 === 0 ? count : count.map(Math.floor) };
    const total = positive.count.reduce((sum, one) => sum + one, 1);
    const negative = { index: Int32Array.of(2), count: Float64Array.of(1) };
    return {
      at: now - (19 - i) * 1_000,
      value: {
        schema: 2,
        hint: 'unknown',
        zeroThreshold: 0.01,
        zeroCount: 0,
        count: total,
        sum: i / 3,
        positive,
        negative,
        customValues: [],
      } as const,
    };
  });
  const ended = samples.map((sample, i) => (i < 18 ? sample : { ...sample, value: 'stale' as const }));
  const body = encodeWriteRequest([
    { labels: { __name__: 'kept', host: 'a' }, samples },
    { labels: { __name__: 'kept', host: 'b' }, samples: ended },
  ]).slice();
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '0.1.0' };
  const taken = await fetch(prometheus.write, { method: 'POST', headers, body: encodeSnappy(body) as Uint8Array<ArrayBuffer> });
  assert.equal(taken.status, 204, await taken.text());
  await store.write(body, 'none', 'test');
  const time = String(now / 1000);
  for (const query of ['kept', 'histogram_count(kept) + histogram_sum(kept)', 'sum(kept{host="a"} offset 2s)']) {
    const theirs = (await ask(prometheus.url, 'query', { query, time })) as readonly unknown[];
    assert.ok(theirs.length === 1, `${query}: ${JSON.stringify(theirs)}`);
    assert.deepEqual(theirs, await ask(ours, 'query', { query, time }), query);
  }
});
