import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Histogram, NO_BUCKETS } from '../core/promql/histogram.ts';
import { encodeWriteRequest } from '../core/wire/encode-write.ts';
import { openEmbeddedSeries } from '../io/series/embedded.ts';
import type { InstantAnswer } from '../world.ts';
import { seriesReader } from './series-part.ts';

const NOW = 1_700_000_000_000;
const root = mkdtempSync(join(tmpdir(), 'tocsin-reader-'));
after(() => rmSync(root, { recursive: true, force: true }));

const HISTOGRAM: Histogram = {
  schema: 0,
  hint: 'unknown',
  zeroThreshold: 0,
  zeroCount: 0,
  count: 3,
  sum: 5,
  positive: { index: Int32Array.of(1), count: Float64Array.of(3) },
  negative: NO_BUCKETS,
  customValues: [],
};

function shown(answer: InstantAnswer | 'slow' | undefined): unknown {
  assert.ok(answer !== undefined && answer !== 'slow' && !('error' in answer), JSON.stringify(answer));
  return answer.samples.map(({ labels, value }) => `${labels['i']} ${value}`).sort();
}

test('of a rule that finds native histograms and numbers only the numbers meet a bound, and both are found', async () => {
  const store = await openEmbeddedSeries({ folder: join(root, 'series'), now: () => NOW });
  try {
    const series = [
      { labels: { __name__: 'm', i: 'histogram' }, samples: [{ at: NOW, value: HISTOGRAM }] },
      { labels: { __name__: 'm', i: 'number' }, samples: [{ at: NOW, value: 7 }] },
    ];
    const outcome = await store.write(encodeWriteRequest(series), 'none', 'test');
    assert.ok(!('error' in outcome), JSON.stringify(outcome));
    const reader = seriesReader(store);
    const [all, bounded] = await reader.instants(
      [
        { expr: 'm', worth: null },
        { expr: 'm', worth: [{ above: -1, below: null }] },
      ],
      NOW,
    );
    assert.deepEqual(shown(all), ['histogram NaN', 'number 7']);
    assert.deepEqual(shown(bounded), ['number 7']);
    assert.deepEqual(shown(await reader.instant('m', NOW)), ['histogram NaN', 'number 7']);
  } finally {
    await store.close();
  }
});
