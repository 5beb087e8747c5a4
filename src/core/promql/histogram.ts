/** The schema of native histograms whose bucket bounds are listed one by one. */
export const CUSTOM_SCHEMA = -53;

/** What a histogram sample says about the counter it belongs to. */
export type ResetHint = 'unknown' | 'reset' | 'not-reset' | 'gauge';

/** Buckets of one sign, ascending by index; counts are absolute (not deltas), and buckets left out are empty. */
export interface Buckets {
  readonly index: Int32Array;
  readonly count: Float64Array;
}

/**
 * A native histogram. Schema -4..8: bucket `i` reaches from 2^((i-1)/2^schema) (exclusive) to 2^(i/2^schema) (inclusive), mirrored for
 * the negative ones. Schema -53: bucket `i` ends at `customValues[i]`, the last one at +Inf, and there are no negative or zero buckets.
 */
export interface Histogram {
  readonly schema: number;
  readonly hint: ResetHint;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
  readonly customValues: readonly number[];
}

/** No buckets at all. */
export const NO_BUCKETS: Buckets = { index: new Int32Array(0), count: new Float64Array(0) };
