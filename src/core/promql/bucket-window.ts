import { forMetric, MIXED } from './annotations.ts';
import { bucketHistogramGrowth, countHistograms, sumBucketHistograms } from './bucket-histograms.ts';
import { alignTime, type Buckets, widthAt } from './buckets.ts';
import type { Column } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import { extrapolationFactor, type RateKind } from './extrapolation.ts';
import { refuseMixed, sumOverTime } from './range-sums.ts';
import { type RangeFunction, type RangeFunctionOf, type RangeSeries, type RangeVector, Window } from './window.ts';

/**
 * A window over buckets. It begins and ends where buckets end: both edges are moved back to the last such moment, and a window that is
 * shorter than a bucket becomes the whole of one.
 */
export class BucketWindow extends Window {
  readonly buckets: Buckets;

  constructor(evaluation: Evaluation, vector: RangeVector, series: RangeSeries & { readonly buckets: Buckets }, column: Column) {
    super(evaluation, vector, series, column);
    this.buckets = series.buckets;
  }

  override moveTo(step: number): void {
    const { ends, stretches } = this.buckets;
    const asked = this.vector.firstEnd + step * this.vector.stride;
    this.end = alignTime(stretches, asked);
    this.start = alignTime(stretches, asked - this.vector.range);
    if (this.start >= this.end) this.start = this.end - widthAt(stretches, this.end);
    const [from, to] = [this.start - this.before, this.end + this.after];
    let { low, high } = this;
    while (high < ends.length && (ends[high] ?? 0) <= to) high += 1;
    while (low < high && (ends[low] ?? 0) <= from) low += 1;
    this.low = low;
    this.high = high;
    const { histogramEnds } = this.buckets;
    let { histogramLow, histogramHigh } = this;
    while (histogramHigh < histogramEnds.length && (histogramEnds[histogramHigh] ?? 0) <= to) histogramHigh += 1;
    while (histogramLow < histogramHigh && (histogramEnds[histogramLow] ?? 0) <= from) histogramLow += 1;
    this.histogramLow = histogramLow;
    this.histogramHigh = histogramHigh;
  }

  /** What grows with the length of the window is given for the length that was asked for. */
  get scale(): number {
    return this.vector.range / (this.end - this.start);
  }
}

/** The functions that read buckets otherwise than samples; all others see `values` at `times`. */
export const bucketFunctions: ReadonlyMap<string, RangeFunctionOf> = new Map<string, RangeFunctionOf>([
  ['avg_over_time', () => averageOf(sumOverTime())],
  ['count_over_time', () => countOf],
  ['delta', () => growthOf({ counter: false, perSecond: false })],
  ['increase', () => growthOf({ counter: true, perSecond: false })],
  ['rate', () => growthOf({ counter: true, perSecond: true })],
  ['sum_over_time', () => sumOf(sumOverTime())],
]);

const countOf: RangeFunction = (window, step) => {
  const buckets = window as BucketWindow;
  let count = countHistograms(buckets);
  for (let at = window.low; at < window.high; at += 1) count += window.series.values[at] ?? 0;
  window.put(step, count * buckets.scale);
};

function sumOf(run: RangeFunction): RangeFunction {
  return (window, step, params) => {
    if (refuseMixed(window)) return;
    if (window.floats === 0) return sumBucketHistograms(window as BucketWindow, step, 'sum');
    run(window, step, params);
    const { scale } = window as BucketWindow;
    if (scale !== 1) window.put(step, (window.column.values[step] ?? 0) * scale);
  };
}

function averageOf(sum: RangeFunction): RangeFunction {
  return (window, step, params) => {
    if (refuseMixed(window)) return;
    if (window.floats === 0) return sumBucketHistograms(window as BucketWindow, step, 'mean');
    const { counts } = (window as BucketWindow).buckets;
    let count = 0;
    for (let at = window.low; at < window.high; at += 1) count += counts?.[at] ?? 1;
    sum(window, step, params);
    window.put(step, (window.column.values[step] ?? 0) / count);
  };
}

/** `rate`, `increase`, `delta`, by the formula for samples: the buckets tell the first and last of them, how many they are and every fall. */
function growthOf(kind: RateKind): RangeFunction {
  let losses: Losses | null = null;
  return (window, step) => {
    const { buckets, scale } = window as BucketWindow;
    const { series, low, high } = window;
    if (window.mixed) return window.evaluation.notes.warn(MIXED + forMetric(window.metric), window.vector.span);
    if (window.histograms > 0) return bucketHistogramGrowth(window as BucketWindow, step, kind);
    const { growth, counts } = buckets;
    if (growth === null || counts === null) return;
    losses ??= findLosses(series.values, growth);
    const first = growth.firsts[low] ?? 0;
    let total = (series.values[high - 1] ?? 0) - first;
    if (kind.counter) total += lostBetween(losses, low, high);
    let gaps = -1;
    for (let at = low; at < high; at += 1) gaps += counts[at] ?? 0;
    const edges = { firstTime: growth.firstTimes[low] ?? 0, lastTime: series.times[high - 1] ?? 0, gaps, started: 0 };
    const zero = first >= 0 && total > 0 ? first / total : Number.POSITIVE_INFINITY;
    const result = extrapolationFactor(window, kind, { ...edges, zero });
    if (result !== null) window.put(step, total * result.factor * scale);
  };
}

/** Where a counter fell: in front of a bucket's first sample, or inside. */
interface Losses {
  readonly rows: Int32Array;
  readonly before: Float64Array;
  readonly inside: Float64Array;
}

function findLosses(lasts: Float64Array, { firsts, lost }: NonNullable<Buckets['growth']>): Losses {
  const rows: number[] = [];
  const before: number[] = [];
  for (let row = 0; row < lasts.length; row += 1) {
    const fell = row > 0 && (firsts[row] ?? 0) < (lasts[row - 1] ?? 0);
    if (!fell && lost[row] === 0) continue;
    rows.push(row);
    before.push(fell ? (lasts[row - 1] ?? 0) : 0);
  }
  return { rows: Int32Array.from(rows), before: Float64Array.from(before), inside: Float64Array.from(rows, (row) => lost[row] ?? 0) };
}

function lostBetween({ rows, before, inside }: Losses, low: number, high: number): number {
  let total = 0;
  for (let at = firstAtLeast(rows, low); at < rows.length && (rows[at] ?? 0) < high; at += 1) {
    // What fell in front of the window's first sample fell outside.
    total += (rows[at] === low ? 0 : (before[at] ?? 0)) + (inside[at] ?? 0);
  }
  return total;
}

function firstAtLeast(sorted: Int32Array, bound: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
