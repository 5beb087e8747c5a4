import type { Millis } from '../base/time.ts';
import type { RolledHistograms } from './histogram-roll.ts';

/** A stretch of time, after `from` up to `to`, in which the ends of buckets are the multiples of `every`; 0 = samples as they came. */
export interface BucketStretch {
  readonly every: Millis;
  readonly from: Millis;
  readonly to: Millis;
}

/**
 * The buckets behind the samples of a series, numbers and histograms apart, as columns of the same length: `values` then are what the function asks for (the largest of
 * each bucket for `max_over_time`, the sum for `sum_over_time` and `avg_over_time`, the count for `count_over_time`, else the last).
 */
export interface Buckets {
  /** The end of each bucket, ascending: it holds what came after the end of the one before. */
  readonly ends: Float64Array;
  /** Without gaps, ascending. */
  readonly stretches: readonly BucketStretch[];
  /** How many samples are in each; null when the function does not ask for it. */
  readonly counts: Float64Array | null;
  /** What tells how a counter grew; null when the function does not ask for it. */
  readonly growth: BucketGrowth | null;
  /** The ends of the buckets behind the native histograms of the series, and what these stand for. */
  readonly histogramEnds: Float64Array;
  readonly histograms: readonly RolledHistograms[];
}

/** The first value of each bucket and its time, and the sum of the values before falls inside. */
export interface BucketGrowth {
  readonly firsts: Float64Array;
  readonly firstTimes: Float64Array;
  readonly lost: Float64Array;
}

/** The last moment at or before this one up to which the stretches tell exactly what there was. */
export function alignTime(stretches: readonly BucketStretch[], time: Millis): Millis {
  for (let i = stretches.length - 1; i >= 0; i -= 1) {
    const { from, every } = stretches[i] as BucketStretch;
    if (time > from || i === 0) return every === 0 ? time : Math.floor(time / every) * every;
  }
  return time;
}

/** The width of the buckets at a moment, 0 where there are none. */
export function widthAt(stretches: readonly BucketStretch[], time: Millis): Millis {
  return (stretches.findLast(({ from }) => time > from) ?? stretches[0])?.every ?? 0;
}
