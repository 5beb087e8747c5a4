import assert from 'node:assert/strict';
import test from 'node:test';
import { ColumnSet, putFloat, putHistogram } from './column.ts';
import { type Histogram, NO_BUCKETS } from './histogram.ts';

const HISTOGRAM: Histogram = {
  schema: 0,
  hint: 'unknown',
  zeroThreshold: 0,
  zeroCount: 1,
  count: 1,
  sum: 0,
  positive: NO_BUCKETS,
  negative: NO_BUCKETS,
  customValues: [],
};

test('what different inputs give for the same labels is one series, whichever of them drops the name', () => {
  const set = new ColumnSet(3);
  const labels = { __name__: 'depth', job: 'a' };
  const first = set.column(labels, false);
  putFloat(set.column({ ...labels }, true), 1, 7);
  putHistogram(first, 0, HISTOGRAM);
  const filled = set.filled;
  assert.equal(filled.length, 1);
  assert.deepEqual([...(filled[0]?.present ?? [])], [2, 1, 0]);
  assert.equal(filled[0]?.histograms?.[0], HISTOGRAM);
  assert.equal(filled[0]?.dropName, true);
});
