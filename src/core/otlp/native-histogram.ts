import { type Buckets, type Histogram, NO_BUCKETS } from '../promql/histogram.ts';
import { reduceSchema } from '../promql/histogram-layout.ts';
import type { ExponentialBuckets, ExponentialPoint } from './otlp-request.ts';

/** Schemas of native histograms; finer scales are made coarser, for the coarser ones there is none. */
const FINEST = 8;
const COARSEST = -4;
const FINEST_SCALE = 20;
/** Where a point says none, as Prometheus' OTLP receiver has it. */
const ZERO_THRESHOLD = 1e-128;
/** A float of any size lies in a bucket of a smaller number at the finest scale. */
const INDEX_LIMIT = 2 ** 30;

/** The parts of a point that can be added up: `count`, `sum`, `zero`, and buckets by scale, sign and index. */
export type HistogramParts = ReadonlyMap<string, number>;

/** An exponential histogram as a native one, which has the same buckets; null: a scale that there is not. */
export function nativeHistogram(point: ExponentialPoint): Histogram | null {
  const { scale } = point;
  if (!Number.isInteger(scale) || scale < COARSEST || scale > FINEST_SCALE) return null;
  const { count, sum, zeroCount, zeroThreshold } = point;
  const histogram: Histogram = {
    schema: scale,
    hint: 'unknown',
    zeroThreshold: zeroThreshold === 0 ? ZERO_THRESHOLD : zeroThreshold,
    zeroCount,
    count,
    sum: sum ?? 0,
    positive: toBuckets(point.positive),
    negative: toBuckets(point.negative),
    customValues: [],
  };
  return scale > FINEST ? reduceSchema(histogram, FINEST) : histogram;
}

/** Bucket i of OTLP reaches from base^i to base^(i + 1), that of a native histogram ends at base^i. */
function toBuckets({ offset, counts }: ExponentialBuckets): Buckets {
  if (!Number.isInteger(offset) || Math.abs(offset) > INDEX_LIMIT) return NO_BUCKETS;
  const filled = [...counts.entries()].filter(([, count]) => count !== 0);
  if (filled.length === 0) return NO_BUCKETS;
  return { index: Int32Array.from(filled, ([place]) => offset + place + 1), count: Float64Array.from(filled, ([, count]) => count) };
}

/** What a histogram adds to the total of its series. */
export function partsOfHistogram({ schema, count, sum, zeroCount, zeroThreshold, positive, negative }: Histogram): HistogramParts {
  const parts = new Map([
    ['count', count],
    ['sum', sum],
    ['zero', zeroCount],
    [`t${zeroThreshold}`, 0],
  ]);
  for (const [sign, { index, count: counts }] of [
    ['p', positive],
    ['n', negative],
  ] as const) {
    for (const [i, bucket] of index.entries()) parts.set(`${sign}${schema}/${bucket}`, counts[i] ?? 0);
  }
  return parts;
}

const BUCKET = /^([pn])(-?\d+)\/(-?\d+)$/;

/** The total of parts that were added up, at the coarsest scale among them. */
export function histogramOfParts(parts: HistogramParts): Histogram {
  const found = [...parts].flatMap(([key, count]) => {
    const [, sign = '', scale = '', index = ''] = BUCKET.exec(key) ?? [];
    return sign === '' ? [] : [{ sign, scale: Number(scale), index: Number(index), count }];
  });
  const schema = found.reduce((least, { scale }) => Math.min(least, scale), FINEST);
  const side = (wanted: string): Buckets => {
    const sums = new Map<number, number>();
    for (const { sign, scale, index, count } of found) {
      if (sign !== wanted) continue;
      const place = ((index - 1) >> (scale - schema)) + 1;
      sums.set(place, (sums.get(place) ?? 0) + count);
    }
    const sorted = [...sums].sort(([a], [b]) => a - b);
    return { index: Int32Array.from(sorted, ([index]) => index), count: Float64Array.from(sorted, ([, count]) => count) };
  };
  const thresholds = [...parts.keys()].filter((key) => key.startsWith('t')).map((key) => Number(key.slice(1)));
  return {
    schema,
    hint: 'unknown',
    zeroThreshold: Math.max(0, ...thresholds),
    zeroCount: parts.get('zero') ?? 0,
    count: parts.get('count') ?? 0,
    sum: parts.get('sum') ?? 0,
    positive: side('p'),
    negative: side('n'),
    customValues: [],
  };
}
