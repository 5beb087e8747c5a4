// Debian's Prometheus reads from Tocsin: through remote read, and by scraping /federate.
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
import { until } from '../../e2e/until.ts';
import { type RealStore, startEmptyPrometheus } from '../series/real-stores.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-readers-'));
const now = Math.floor(Date.now() / 1000) * 1000;
let store: SeriesStore;
let server: TestServer;
let prometheus: RealStore;

before(async () => {
  store = await openEmbeddedSeries({ folder, now: () => Date.now() });
  const samples = Array.from({ length: 20 }, (_, i) => ({ at: now - (19 - i) * 15_000, value: i }));
  const ended = samples.map((sample, i) => (i < 18 ? sample : { ...sample, value: 'stale' as const }));
  const body = encodeWriteRequest([
    { labels: { __name__: 'load', host: 'a' }, samples },
    { labels: { __name__: 'load', host: 'b' }, samples: ended },
  ]);
  await store.write(body, 'none', 'test');
  server = await startTestServer('server: { anonymous: viewer }', { series: seriesPart(store) });
  server.time.now = Date.now();
  await server.server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.server.address() as AddressInfo;
  const target = `127.0.0.1:${port}`;
  prometheus = await startEmptyPrometheus({
    remote_read: [{ url: `http://${target}/api/v1/read`, read_recent: true, required_matchers: { __name__: 'load' } }],
    scrape_configs: [
      {
        job_name: 'federate',
        scrape_interval: '1s',
        honor_labels: true,
        metrics_path: '/federate',
        params: { 'match[]': ['load'] },
        metric_relabel_configs: [{ source_labels: ['__name__'], target_label: '__name__', regex: 'load', replacement: 'federated' }],
        static_configs: [{ targets: [target] }],
      },
    ],
  });
});
after(async () => {
  await prometheus?.stop();
  await server?.close();
  await store?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(query: string): Promise<unknown[]> {
  const answer = await fetch(`${prometheus.url}/api/v1/query?${new URLSearchParams({ query, time: String(now / 1000) })}`);
  const said = (await answer.json()) as { data?: { result: { metric: object; value?: unknown[]; values?: unknown[] }[] } };
  return (said.data?.result ?? []).map(({ metric, value, values }) => [metric, value?.[1] ?? values]);
}

test('Prometheus reads stored samples, and knows which series ended', async () => {
  assert.deepEqual(await ask('load'), [[{ __name__: 'load', host: 'a' }, '19']]);
  assert.deepEqual(await ask('sum_over_time(load{host="b"}[10m])'), [[{ host: 'b' }, String((17 * 18) / 2)]]);
  assert.deepEqual(await ask('load{host="a"}[20s]'), [
    [
      { __name__: 'load', host: 'a' },
      [
        [now / 1000 - 15, '18'],
        [now / 1000, '19'],
      ],
    ],
  ]);
});

test('Prometheus scrapes the last samples', async () => {
  const found = await until(
    'it has scraped',
    async () => {
      const result = await ask('federated');
      return result.length > 0 ? result : null;
    },
    30_000,
  );
  assert.deepEqual(found, [[{ __name__: 'federated', host: 'a', job: 'federate' }, '19']]);
});
