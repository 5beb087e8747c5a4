import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plainHistogram, someHistogram } from '../series/histogram-arbitrary.test.ts';
import type { Histogram } from './histogram.ts';
import { addHistograms, compactBuckets } from './histogram-math.ts';
import { HistogramMean, HistogramSum } from './histogram-sum.ts';

/** Sums of them are exact in any order. */
function small(count: number): number {
  return Math.floor(count) % 1_000_003;
}

/** Histograms of whole counts, most of them of one layout, or with some of its buckets only. */
const list = fc
  .tuple(someHistogram, fc.array(fc.tuple(fc.nat(4), fc.nat(1_000)), { maxLength: 12 }), fc.array(someHistogram, { maxLength: 2 }))
  .map(([first, changes, others]) => {
    const whole = ({ index, count }: Histogram['positive']) => ({ index, count: count.map(small) });
    const base: Histogram = {
      ...first,
      count: small(first.count),
      zeroCount: small(first.zeroCount),
      sum: 1,
      positive: whole(first.positive),
      negative: whole(first.negative),
    };
    const alike = changes.map(([kind, more]): Histogram => {
      const grown = {
        ...base,
        count: base.count + more,
        positive: { ...base.positive, count: base.positive.count.map((one) => one + more) },
      };
      if (kind !== 0) return grown;
      const keep = (_: unknown, i: number): boolean => i % 2 === 0;
      return { ...grown, positive: { index: grown.positive.index.filter(keep), count: grown.positive.count.filter(keep) } };
    });
    const odd = others.map((one) => ({
      ...one,
      sum: 2,
      count: small(one.count),
      zeroCount: small(one.zeroCount),
      positive: whole(one.positive),
      negative: whole(one.negative),
    }));
    return [...alike.slice(0, 6), ...odd, ...alike.slice(6), base];
  });

function plain(histogram: Histogram): unknown {
  const { positive, negative } = histogram;
  return [histogram.hint, plainHistogram({ ...histogram, positive: compactBuckets(positive), negative: compactBuckets(negative) })];
}

test('histograms that are added in place have the sum of those that are added one by one', () => {
  fc.assert(
    fc.property(list, ([first, ...rest]) => {
      assert.ok(first !== undefined);
      const sum = new HistogramSum(first);
      const mean = new HistogramMean(first);
      let wanted: Histogram | null = first;
      for (const one of rest) {
        const added: Histogram | null = wanted === null ? null : (addHistograms(wanted, one)?.value ?? null);
        assert.equal(sum.add(one), added === null ? 'incompatible' : 'added');
        if (added === null) return;
        assert.equal(mean.add(one), 'added');
        wanted = added;
        // What is read in between changes nothing.
        if (one.count % 3 === 0) assert.deepEqual(plain(sum.copy().total), plain(wanted));
      }
      assert.deepEqual(plain(sum.total), plain(wanted));
      assert.deepEqual(plain(mean.mean), plain(sum.dividedBy(rest.length + 1)));
    }),
    { numRuns: 500 },
  );
});
