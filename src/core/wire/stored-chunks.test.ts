import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bitsOf, readHistogramChunk, readXorChunk } from '../../../test/doors/prometheus-chunk.ts';
import type { Histogram } from '../promql/histogram.ts';
import { isReset } from '../promql/histogram-reset.ts';
import { plainHistogram, someHistogram } from '../series/histogram-arbitrary.test.ts';
import { encodeStoredChunks, type StoredSample } from './stored-chunks.ts';

const STALE_BITS = 0x7ff0000000000002n;
const NOW = 1_700_000_000_000;

const gaps = fc.oneof(
  { weight: 4, arbitrary: fc.constant(15_000) },
  fc.integer({ min: 14_000, max: 16_000 }),
  fc.integer({ min: 1, max: 2 ** 21 }),
  fc.integer({ min: 1, max: 2 ** 40 }),
);
const numbers = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY), fc.nat(9));

function timed(values: readonly (readonly [gap: number, value: StoredSample['value']])[], from = NOW): StoredSample[] {
  let at = from;
  return values.map(([gap, value]) => ({ at: (at += gap), value }));
}

/** What comes back: of numbers their bits, of histograms what there is of them, without the hint. */
function read(samples: readonly StoredSample[]): readonly (readonly [number, unknown])[] {
  const found: (readonly [number, unknown])[] = [];
  for (const { encoding, from, to, bytes } of encodeStoredChunks(samples)) {
    const inside = encoding === 1 ? readXorChunk(bytes) : readHistogramChunk(bytes, encoding === 2);
    assert.ok(inside.length > 0 && inside.length <= 120);
    assert.deepEqual([inside[0]?.at, inside.at(-1)?.at], [from, to]);
    for (const [i, { value }] of inside.entries()) {
      const before = inside[i - 1]?.value;
      // Nobody looks for resets inside of a chunk.
      if (typeof value === 'object' && typeof before === 'object' && value.hint === 'not-reset')
        assert.ok(!isReset({ ...value, hint: 'unknown' }, before));
    }
    found.push(...inside.map(({ at, value }) => [at, typeof value === 'object' ? plainHistogram(value) : value] as const));
  }
  return found;
}

function plain({ at, value }: StoredSample): readonly [number, unknown] {
  if (value === 'stale') return [at, STALE_BITS];
  return [at, typeof value === 'object' ? plainHistogram(value) : bitsOf(value)];
}

test('numbers and ends come out of chunks to the bit, at any distance', () => {
  const value = fc.oneof({ weight: 9, arbitrary: numbers }, fc.constant('stale' as const));
  fc.assert(
    fc.property(fc.array(fc.tuple(gaps, value), { maxLength: 300 }), fc.constantFrom(NOW, 0, -5e12), (list, from) => {
      const samples = timed(list, from);
      assert.deepEqual(read(samples), samples.map(plain));
    }),
    { numRuns: 150 },
  );
});

test('histograms come out of chunks as they are, one after the other and beside numbers', () => {
  const run = fc.tuple(someHistogram, fc.nat(6)).map(([histogram, times]) =>
    Array.from({ length: times + 1 }, (_, i): Histogram => {
      const grow = (one: number): number => one + (one % 1 === 0 ? 2 * i : 0);
      const positive = { index: histogram.positive.index, count: histogram.positive.count.map(grow) };
      const more = positive.count.reduce((sum, one) => sum + one, 0) - histogram.positive.count.reduce((sum, one) => sum + one, 0);
      return {
        ...histogram,
        hint: i > 0 && histogram.hint === 'reset' ? 'unknown' : histogram.hint,
        positive,
        count: histogram.count + more,
      };
    }),
  );
  const value = fc.oneof(
    { weight: 4, arbitrary: run },
    numbers.map((one) => [one]),
    fc.constant(['stale' as const]),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(gaps, value), { maxLength: 12 }), (list) => {
      const samples = timed(list.flatMap(([gap, values]) => values.map((one) => [gap, one] as const)));
      assert.deepEqual(read(samples), samples.map(plain));
    }),
    { numRuns: 300 },
  );
});

test('a counter of histograms takes one chunk until it begins anew, and one for each 120', () => {
  const histogram = (count: number, hint: Histogram['hint'] = 'unknown'): Histogram => ({
    schema: 0,
    hint,
    zeroThreshold: 2 ** -128,
    zeroCount: 0,
    count,
    sum: count,
    positive: { index: Int32Array.of(1), count: Float64Array.of(count) },
    negative: { index: new Int32Array(0), count: new Float64Array(0) },
    customValues: [],
  });
  const sizes = (list: readonly Histogram[]): readonly number[] =>
    [...encodeStoredChunks(timed(list.map((one) => [15_000, one])))].map(({ bytes }) => (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0));
  const growing = Array.from({ length: 250 }, (_, i) => histogram(i + 1));
  assert.deepEqual(sizes(growing), [120, 120, 10]);
  assert.deepEqual(sizes([...growing.slice(0, 5), ...growing.slice(0, 7)]), [5, 7]);
  assert.deepEqual(sizes([histogram(3), histogram(3), histogram(4, 'reset'), histogram(5)]), [2, 2]);
  assert.deepEqual(sizes([histogram(3, 'gauge'), histogram(1, 'gauge'), histogram(2)]), [2, 1]);
});
