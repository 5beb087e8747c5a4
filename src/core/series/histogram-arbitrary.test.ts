import fc from 'fast-check';
import { type Buckets, CUSTOM_SCHEMA, type Histogram, NO_BUCKETS, type ResetHint } from '../promql/histogram.ts';

const hints = fc.constantFrom<ResetHint>('unknown', 'reset', 'not-reset', 'gauge');
const whole = fc.oneof(fc.nat(9), fc.nat(1_000_000), fc.constantFrom(2 ** 40, 2 ** 50));
const broken = fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => value + 0.25);
const sums = fc.oneof(fc.double(), fc.double({ noDefaultInfinity: true, noNaN: true }), fc.integer());

function toBuckets(first: number, list: readonly (readonly [gap: number, count: number])[]): Buckets {
  if (list.length === 0) return NO_BUCKETS;
  let at = first;
  const index = list.map(([gap], i) => (at += i === 0 ? 0 : gap + 1));
  return { index: Int32Array.from(index), count: Float64Array.from(list.map(([, count]) => count)) };
}

function bucketsOf(counts: fc.Arbitrary<number>, first: fc.Arbitrary<number>): fc.Arbitrary<Buckets> {
  const gaps = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(70));
  return fc.tuple(first, fc.array(fc.tuple(gaps, counts), { maxLength: 8 })).map(([at, list]) => toBuckets(at, list));
}

function exponential(counts: fc.Arbitrary<number>): fc.Arbitrary<Histogram> {
  const buckets = bucketsOf(counts, fc.integer({ min: -60, max: 60 }));
  return fc
    .record({ schema: fc.integer({ min: -4, max: 8 }), hint: hints, zeroThreshold: fc.constantFrom(0, 0.001, 1), zeroCount: counts })
    .chain((base) =>
      fc.tuple(buckets, buckets, sums).map(([positive, negative, sum]) => counted({ ...base, positive, negative, sum, customValues: [] })),
    );
}

function custom(counts: fc.Arbitrary<number>): fc.Arbitrary<Histogram> {
  const bounds = fc
    .uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 6 })
    .map((list) => list.map((one) => one + 0));
  return fc.tuple(bounds, hints, sums, fc.array(counts, { minLength: 7, maxLength: 7 })).map(([list, hint, sum, all]) => {
    const customValues = list.toSorted((a, b) => a - b);
    const positive = toBuckets(
      0,
      all.slice(0, customValues.length + 1).map((count) => [0, count] as const),
    );
    return counted({ schema: CUSTOM_SCHEMA, hint, zeroThreshold: 0, zeroCount: 0, sum, positive, negative: NO_BUCKETS, customValues });
  });
}

function counted(histogram: Omit<Histogram, 'count'>): Histogram {
  const all = [histogram.zeroCount, ...histogram.positive.count, ...histogram.negative.count];
  return { ...histogram, count: all.reduce((sum, count) => sum + count, 0) };
}

/** Histograms that a sender may send: whole counts and others, buckets that follow a formula or a list. */
export const someHistogram: fc.Arbitrary<Histogram> = fc.oneof(
  { weight: 3, arbitrary: exponential(whole) },
  exponential(broken),
  custom(whole),
  custom(broken),
);

/** The same in a form that can be compared; hints are left to the store. */
export function plainHistogram({ positive, negative, ...rest }: Histogram): unknown {
  const plain = ({ index, count }: Buckets): unknown => [...index].map((at, i) => [at, count[i]]);
  return { ...rest, hint: '', customValues: [...rest.customValues], positive: plain(positive), negative: plain(negative) };
}
