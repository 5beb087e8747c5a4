import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Histogram } from '../promql/histogram.ts';
import { allBuckets } from '../promql/histogram-layout.ts';
import { formatValue } from '../promql/number.ts';
import { someHistogram } from '../series/histogram-arbitrary.test.ts';
import { parseJsonHistogram } from './parse-json-histogram.ts';

/** As the query API writes it. */
function json(histogram: Histogram): Record<string, unknown> {
  const buckets = allBuckets(histogram).map(({ lower, upper, lowerInclusive, upperInclusive, count }) => {
    const rule = lowerInclusive ? (upperInclusive ? 3 : 1) : upperInclusive ? 0 : 2;
    return [rule, formatValue(lower), formatValue(upper), formatValue(count)];
  });
  return { count: formatValue(histogram.count), sum: formatValue(histogram.sum), ...(buckets.length > 0 && { buckets }) };
}

test('a histogram that the API of Prometheus tells is the same when it is told on', () => {
  let custom = 0;
  fc.assert(
    fc.property(someHistogram, (histogram) => {
      // Behind infinity no value is.
      fc.pre(allBuckets(histogram).every(({ lower, upper }) => lower < upper || lower === -upper));
      const told = json(histogram);
      const read = parseJsonHistogram(JSON.parse(JSON.stringify(told)));
      assert.ok(read !== null, JSON.stringify(told));
      assert.deepEqual(json(read), told);
      if (read.schema < -4) custom += 1;
      else if (allBuckets(histogram).length > 1 && histogram.schema >= -4 && read.positive.index.length > 0)
        assert.equal(read.schema, histogram.schema);
    }),
    { numRuns: 1_000 },
  );
  assert.ok(custom > 20);
});

test('what is no histogram is none', () => {
  const buckets = [[0, '1', '2', '3']];
  for (const value of [
    null,
    7,
    {},
    { count: '1' },
    { count: 1, sum: '1' },
    { count: 'x', sum: '1' },
    { count: '1', sum: '1', buckets: 3 },
    { count: '1', sum: '1', buckets: [...buckets, 4] },
    { count: '1', sum: '1', buckets: [['0', '1', '2', '3']] },
    { count: '1', sum: '1', buckets: [[0, '2', '1', '3']] },
    {
      count: '1',
      sum: '1',
      buckets: [
        [0, '1', '3', '3'],
        [0, '2', '4', '3'],
      ],
    },
  ]) {
    assert.equal(parseJsonHistogram(value), null, JSON.stringify(value));
  }
  assert.equal(parseJsonHistogram({ count: '3', sum: 'NaN', buckets })?.positive.count[0], 3);
});
