// Native histograms that are sent on to Debian's Prometheus come back from there as they were; of Debian's VictoriaMetrics is said that it keeps none.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Histogram } from '../../../src/core/promql/histogram.ts';
import { unpackHistograms } from '../../../src/core/series/histogram-codec.ts';
import { encodeWriteRequest } from '../../../src/core/wire/encode-write.ts';
import { encodeSnappy } from '../../../src/core/wire/snappy.ts';
import { openHttpClient } from '../../../src/io/http.ts';
import { openLog } from '../../../src/io/log.ts';
import { openRemoteSeries } from '../../../src/io/series/remote/remote-store.ts';
import type { SeriesStore } from '../../../src/io/series/store.ts';
import { until } from '../../e2e/until.ts';
import { type RealStore, startEmptyPrometheus, startVictoriaMetrics } from './real-stores.ts';

const log = openLog({ level: 'error', now: () => Date.now(), write: (line) => console.error(line) });
const NOW = Math.floor(Date.now() / 1000) * 1000;
const STEP = 15_000;
const PATIENCE = 30_000;

function histogramAt(step: number, hint: Histogram['hint'] = 'unknown'): Histogram {
  const positive = { index: Int32Array.of(-2, -1, 4), count: Float64Array.of(step, 2 * step, step) };
  const negative = { index: Int32Array.of(0), count: Float64Array.of(step) };
  return { schema: 2, hint, zeroThreshold: 0.001, zeroCount: 1, count: 5 * step + 1, sum: step / 8, positive, negative, customValues: [] };
}

function body(): Uint8Array {
  const steps = [1, 2, 3, 4, 5];
  const samplesOf = (hint: Histogram['hint']) => steps.map((step) => ({ at: NOW - (5 - step) * STEP, value: histogramAt(step, hint) }));
  return encodeSnappy(
    encodeWriteRequest([
      { labels: { __name__: 'latency' }, samples: samplesOf('unknown') },
      { labels: { __name__: 'sizes' }, samples: samplesOf('gauge') },
      { labels: { __name__: 'plain' }, samples: [{ at: NOW, value: 7 }] },
    ]),
  );
}

async function over(start: () => Promise<RealStore>, run: (store: SeriesStore) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-histograms-'));
  const http = openHttpClient();
  const real = await start();
  const store = await openRemoteSeries({ folder, write: real.write, query: real.url, http, log, now: () => Date.now() });
  try {
    assert.ok(!('error' in (await store.write(body(), 'snappy', 'test'))));
    await until(
      'the samples are there',
      async () => {
        const answer = await store.instant('plain', NOW);
        return answer.result === 'vector' && answer.series.labels.length > 0;
      },
      PATIENCE,
    );
    await run(store);
  } finally {
    await store.close();
    http.close();
    await real.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function stored(store: SeriesStore, name: string): Promise<readonly Histogram[]> {
  const selectors = [[{ name: '__name__', op: '=', value: name } as const]];
  const found = await store.samples({ selectors, from: NOW - 5 * STEP, to: NOW, which: 'all', sampleLimit: 100 });
  assert.ok(!('error' in found));
  assert.deepEqual([...found.stale], [2, 2, 2, 2, 2]);
  return unpackHistograms(found.histograms ?? new Uint8Array(0));
}

test('Prometheus gives native histograms, evaluated and stored', async () => {
  await over(startEmptyPrometheus, async (store) => {
    const now = await store.instant('latency', NOW);
    assert.ok(now.result === 'vector');
    assert.deepEqual(now.series.histograms?.get(0), histogramAt(5));
    assert.deepEqual(now.warnings, []);
    const counts = await store.range('histogram_count(increase(latency[45s]))', { start: NOW - STEP, end: NOW, step: STEP });
    assert.ok(counts.result === 'matrix' && counts.series.values.length === 2);
    const rate = await store.range('rate(latency[45s])', { start: NOW, end: NOW, step: STEP });
    assert.ok(rate.result === 'matrix');
    assert.equal(rate.series.histograms?.get(0)?.schema, 2);
    for (const name of ['latency', 'sizes']) {
      const found = await stored(store, name);
      // This version leaves histograms out of remote read, and its queries do not tell of gauges.
      assert.deepEqual(
        found,
        [1, 2, 3, 4, 5].map((step) => histogramAt(step)),
      );
    }
  });
});

test('of VictoriaMetrics is said that it keeps no native histograms', async () => {
  await over(startVictoriaMetrics, async (store) => {
    const latency = await store.instant('latency', NOW);
    assert.ok(latency.result === 'vector');
    assert.match(latency.warnings.join(), /native histograms of latency were sent to the series store, which keeps none/);
    const plain = await store.instant('plain', NOW);
    assert.ok(plain.result === 'vector');
    assert.deepEqual([plain.warnings, [...plain.series.values]], [[], [7]]);
  });
});
