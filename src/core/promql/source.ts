import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import type { Buckets } from './buckets.ts';
import type { Histogram } from './histogram.ts';
import type { CompiledMatcher } from './matcher.ts';

/** What the caller will do with the samples; a source may use it to choose a coarser tier, and may ignore it. */
export interface SelectHints {
  /** The distance of two evaluations; 0 for an instant query. */
  readonly step: Millis;
  /** The function or aggregation directly around the selector (`rate`, `max_over_time`, ...); '' when there is none. */
  readonly func: string;
  /** The length of the range selector; 0 for an instant selector. */
  readonly range: Millis;
  /** When nothing but the last sample at or before each of these instants is looked at: the source may leave out all others. */
  readonly instants?: { readonly start: Millis; readonly step: Millis } | undefined;
  /** The same when the samples between are looked at for resets only: coarser tiers may leave them out, because they know of resets. */
  readonly counted?: { readonly start: Millis; readonly step: Millis } | undefined;
  /** The ends of the windows of a range selector, when nothing outside of them is looked at. */
  readonly windows?: { readonly start: Millis; readonly step: Millis } | undefined;
}

/**
 * The samples of one series inside the window asked for, decoded into columns of equal length.
 * The arrays are read, never written, and only until the next series is taken: their memory may then hold others.
 */
export interface SelectedSeries {
  /** The same object at every call for the same series, as far as possible: results about it are kept by identity. */
  readonly labels: Labels;
  /** Ascending and unique, in milliseconds. */
  readonly times: Float64Array;
  /** Without meaning where `stale` or `histograms` say so. */
  readonly values: Float64Array;
  /** 1 where the sample is a staleness marker; absent = there is none. */
  readonly stale?: Uint8Array | undefined;
  /** The native histogram where the sample is one, else null; absent = there is none. */
  readonly histograms?: readonly (Histogram | null)[] | undefined;
  /** When the counter of each sample started, in milliseconds, 0 = not known; absent = none is known. */
  readonly startTimes?: Float64Array | undefined;
  /** What each sample stands for, in an answer to a range selector from down-sampled buckets; absent = samples as they came. */
  readonly buckets?: Buckets | undefined;
}

/** Where the engine reads series from. Synchronous: what it answers is already decoded. */
export interface SeriesSource {
  /**
   * Every series that satisfies all matchers and has a sample with `from <= time <= to`, with exactly those samples. Order is free.
   * A label that is absent equals ''. Never throws for what a matcher may contain. All are taken before the next `select`, or none after it.
   */
  select(matchers: readonly CompiledMatcher[], from: Millis, to: Millis, hints: SelectHints): Iterable<SelectedSeries>;
}
