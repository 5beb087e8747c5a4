import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Buckets, CUSTOM_SCHEMA, type Histogram } from './histogram.ts';
import { allBuckets, reduceSchema } from './histogram-layout.ts';
import { addHistograms, divideHistogram, equalHistograms, scaleHistogram, subtractHistograms } from './histogram-math.ts';
import { histogramFraction, histogramQuantile } from './histogram-quantile.ts';
import { isReset } from './histogram-reset.ts';
import { HistogramMean, HistogramSum } from './histogram-sum.ts';
import { trimHistogram } from './histogram-trim.ts';

const buckets: fc.Arbitrary<Buckets> = fc
  .uniqueArray(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 50 })), { selector: ([index]) => index, maxLength: 8 })
  .map((pairs) => {
    const sorted = [...pairs].sort(([a], [b]) => a - b);
    return { index: Int32Array.from(sorted, ([index]) => index), count: Float64Array.from(sorted, ([, count]) => count) };
  });

const total = ({ count }: Buckets): number => count.reduce((sum, each) => sum + each, 0);

const exponential: fc.Arbitrary<Histogram> = fc
  .record({
    schema: fc.integer({ min: -2, max: 3 }),
    positive: buckets,
    negative: buckets,
    zeroCount: fc.integer({ min: 0, max: 20 }),
    zeroThreshold: fc.constantFrom(0, 0.001, 0.1, 1),
    sum: fc.integer({ min: -1000, max: 1000 }),
  })
  .map((parts) => ({
    ...parts,
    hint: 'unknown',
    customValues: [],
    count: total(parts.positive) + total(parts.negative) + parts.zeroCount,
  }));

const custom: fc.Arbitrary<Histogram> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: -5, max: 9 }), { minLength: 1, maxLength: 5 }),
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 6, maxLength: 6 }),
  )
  .map(([bounds, counts]) => {
    const customValues = [...bounds].sort((a, b) => a - b);
    const used = counts.slice(0, customValues.length + 1);
    const positive = { index: Int32Array.from(used, (_, at) => at), count: Float64Array.from(used) };
    const negative = { index: new Int32Array(0), count: new Float64Array(0) };
    return {
      schema: CUSTOM_SCHEMA,
      hint: 'unknown',
      zeroThreshold: 0,
      zeroCount: 0,
      count: total(positive),
      sum: 1,
      positive,
      negative,
      customValues,
    };
  });

function sumOfBuckets(histogram: Histogram): number {
  return allBuckets(histogram).reduce((sum, bucket) => sum + bucket.count, 0);
}

test('adding keeps every observation, in either order', () => {
  for (const kind of [exponential, custom]) {
    fc.assert(
      fc.property(kind, kind, (a, b) => {
        const one = addHistograms(a, b);
        const other = addHistograms(b, a);
        assert.ok(one !== null && other !== null);
        assert.ok(equalHistograms(one.value, other.value));
        assert.equal(one.value.count, a.count + b.count);
        assert.equal(sumOfBuckets(one.value), a.count + b.count);
      }),
    );
  }
  fc.assert(fc.property(exponential, custom, (a, b) => assert.equal(addHistograms(a, b), null)));
});

test('what is added and subtracted again leaves the counts, in the coarser layout', () => {
  fc.assert(
    fc.property(exponential, exponential, (a, b) => {
      const added = addHistograms(a, b);
      assert.ok(added !== null);
      const back = subtractHistograms(added.value, b);
      const alone = addHistograms(a, scaleHistogram(b, 0));
      assert.ok(back !== null && alone !== null);
      assert.equal(back.value.count, a.count);
      assert.equal(sumOfBuckets(back.value), a.count);
    }),
  );
});

test('a coarser resolution moves no observation out of its bucket', () => {
  fc.assert(
    fc.property(exponential, fc.integer({ min: 1, max: 3 }), (histogram, levels) => {
      const coarse = reduceSchema(histogram, histogram.schema - levels);
      assert.equal(sumOfBuckets(coarse), histogram.count);
      for (const fine of allBuckets(histogram)) {
        assert.ok(allBuckets(coarse).some(({ lower, upper, count }) => lower <= fine.lower && upper >= fine.upper && count >= fine.count));
      }
    }),
  );
});

test('quantiles rise with q, and the fraction below a quantile is q', () => {
  fc.assert(
    fc.property(exponential, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (histogram, p, q) => {
      fc.pre(histogram.count > 0);
      const [low, high] = [histogramQuantile(Math.min(p, q), histogram).value, histogramQuantile(Math.max(p, q), histogram).value];
      assert.ok(low <= high + 1e-9 * Math.abs(high), `${low} > ${high}`);
      const share = histogramFraction(Number.NEGATIVE_INFINITY, histogramQuantile(q, histogram).value, histogram).value;
      assert.ok(share >= 0 && share <= 1 + 1e-9);
    }),
  );
});

test('trimming at both sides of a bound divides the observations', () => {
  fc.assert(
    fc.property(exponential, fc.double({ min: -100, max: 100, noNaN: true }), (histogram, bound) => {
      const below = trimHistogram(histogram, bound, 'upper').count;
      const above = trimHistogram(histogram, bound, 'lower').count;
      assert.ok(Math.abs(below + above - histogram.count) <= 1e-6 * Math.max(1, histogram.count));
    }),
  );
});

test('a sum of many is the sum one by one, and the mean is it divided', () => {
  fc.assert(
    fc.property(fc.array(exponential, { minLength: 1, maxLength: 6 }), (all) => {
      const [first, ...rest] = all;
      assert.ok(first !== undefined);
      const sum = new HistogramSum(first);
      const mean = new HistogramMean(first);
      let plain = first;
      for (const each of rest) {
        assert.equal(sum.add(each), 'added');
        assert.equal(mean.add(each), 'added');
        plain = addHistograms(plain, each)?.value ?? plain;
      }
      assert.ok(equalHistograms(sum.total, plain));
      assert.ok(Math.abs(mean.mean.count - divideHistogram(plain, all.length).count) < 1e-9);
    }),
  );
});

test('growth is no reset, a lost observation is one', () => {
  fc.assert(
    fc.property(exponential, exponential, (a, b) => {
      const grown = addHistograms(a, { ...b, schema: a.schema, zeroThreshold: a.zeroThreshold });
      assert.ok(grown !== null);
      assert.equal(isReset(grown.value, a), false);
      if (a.count > 0) assert.equal(isReset({ ...a, count: a.count - 1 }, a), true);
    }),
  );
});
