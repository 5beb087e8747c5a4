// Stored samples that one server reads from another by remote read, against those that the other has.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Histogram, NO_BUCKETS } from '../../../src/core/promql/histogram.ts';
import { unpackHistograms } from '../../../src/core/series/histogram-codec.ts';
import { encodeWriteRequest, type WriteSample } from '../../../src/core/wire/encode-write.ts';
import { openHttpClient } from '../../../src/io/http.ts';
import { openLog } from '../../../src/io/log.ts';
import { openEmbeddedSeries } from '../../../src/io/series/embedded.ts';
import { openRemoteSeries } from '../../../src/io/series/remote/remote-store.ts';
import type { SeriesStore } from '../../../src/io/series/store.ts';
import { seriesPart } from '../../../src/main/series-part.ts';
import { startTestServer, type TestServer } from '../../../src/server/test-server.test.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-tocsin-'));
const log = openLog({ level: 'error', now: () => Date.now(), write: (line) => console.error(line) });
const http = openHttpClient();
const now = Math.floor(Date.now() / 1000) * 1000;
const asked: string[] = [];
let own: SeriesStore;
let server: TestServer;
let remote: SeriesStore;

function histogramAt(i: number, hint: Histogram['hint']): Histogram {
  const positive = { index: Int32Array.of(3), count: Float64Array.of(i) };
  return { schema: 2, hint, zeroThreshold: 0.5, zeroCount: 0, count: i, sum: i / 3, positive, negative: NO_BUCKETS, customValues: [] };
}

before(async () => {
  own = await openEmbeddedSeries({ folder: join(folder, 'own'), now: () => Date.now() });
  const samples = (value: (i: number) => WriteSample['value']): WriteSample[] =>
    Array.from({ length: 20 }, (_, i) => ({ at: now - (19 - i) * 1000, value: value(i) }));
  const body = encodeWriteRequest([
    { labels: { __name__: 'a', host: 'é"\\' }, samples: samples((i) => i / 7) },
    { labels: { __name__: 'ended' }, samples: samples((i) => (i === 19 ? 'stale' : i)) },
    { labels: { __name__: 'counter' }, samples: samples((i) => (i === 9 ? 'stale' : histogramAt(i % 12, 'unknown'))) },
    { labels: { __name__: 'sizes' }, samples: samples((i) => histogramAt(20 - i, 'gauge')) },
  ]);
  const outcome = await own.write(body, 'none', 'test');
  assert.deepEqual('error' in outcome ? outcome : outcome.refused, []);
  server = await startTestServer('server: { anonymous: viewer }', { series: seriesPart(own) });
  server.time.now = Date.now();
  await server.server.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(server.server.server.address() as AddressInfo).port}`;
  const listening: typeof http = {
    ...http,
    request: (request) => {
      asked.push(request.url.replace(/^.*\/api\/v1\//, ''));
      return http.request(request);
    },
  };
  remote = await openRemoteSeries({
    folder: join(folder, 'queue'),
    write: `${url}/api/v1/write`,
    query: url,
    http: listening,
    log,
    now: () => Date.now(),
  });
});
after(async () => {
  await remote?.close();
  await server?.close();
  await own?.close();
  http.close();
  rmSync(folder, { recursive: true, force: true });
});

async function read(store: SeriesStore, which: 'all' | 'last'): Promise<unknown> {
  const selectors = [
    [{ name: '__name__', op: '=~', value: 'a|counter|sizes' } as const],
    [{ name: '__name__', op: '=~', value: 'ended|a' } as const],
  ];
  const stored = await store.samples({ selectors, from: now - 15_000, to: now - (which === 'all' ? 2_000 : 0), which, sampleLimit: 1_000 });
  assert.ok(!('error' in stored));
  const { labels, ends, times, values, stale, histograms } = stored;
  const list = histograms ? unpackHistograms(histograms) : [];
  const rows = labels.map((one, i) => {
    const from = ends[i - 1] ?? 0;
    const points = Array.from(times.subarray(from, ends[i]), (time, k) => {
      const kind = stale[from + k];
      const value = values[from + k] ?? 0;
      return [time - now, kind, kind === 1 ? null : kind === 2 ? list[value] : value];
    });
    return [JSON.stringify(one), points] as const;
  });
  return rows.sort(([a], [b]) => (a < b ? -1 : 1));
}

test('samples, ends, histograms and what they say of resets come as they are stored', async () => {
  for (const which of ['all', 'last'] as const) assert.deepEqual(await read(remote, which), await read(own, which));
  assert.deepEqual(asked, ['status/buildinfo', 'status/config', 'read', 'read']);
});
