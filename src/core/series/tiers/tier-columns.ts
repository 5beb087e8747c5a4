import { HISTOGRAM_PART } from './rolled-histograms.ts';
import { ROLLED } from './rolled-rows.ts';

/** How a function reads buckets. */
export interface TierColumns {
  /** Which column stands for the values, and which for the times. */
  readonly value: number;
  readonly time: number;
  /** Does the function need what a counter lost and when it was first seen in each bucket? */
  readonly growth: boolean;
  /** Does it need how many samples are in each bucket? */
  readonly counts: boolean;
  /** Which of the native histograms of a bucket stands for them; null: only that there are some, when, and how many is asked. */
  readonly histogram: 'first' | 'last' | 'sum' | null;
}

const { min, max, sum, count, first, last, lost, firstAt, lastAt } = ROLLED;
const LAST: TierColumns = { value: last, time: lastAt, growth: false, counts: false, histogram: 'last' };
const NONE: TierColumns = { ...LAST, histogram: null };
const GROWTH: TierColumns = { ...LAST, growth: true, counts: true };

const COLUMNS: ReadonlyMap<string, TierColumns> = new Map([
  ['absent_over_time', { ...NONE, value: count }],
  ['avg_over_time', { ...LAST, value: sum, counts: true, histogram: 'sum' }],
  ['count_over_time', { ...NONE, value: count }],
  ['delta', GROWTH],
  ['first_over_time', { ...LAST, value: first, time: firstAt, histogram: 'first' }],
  ['increase', GROWTH],
  ['max_over_time', { ...NONE, value: max }],
  ['min_over_time', { ...NONE, value: min }],
  ['present_over_time', { ...NONE, value: count }],
  ['rate', GROWTH],
  ['sum_over_time', { ...LAST, value: sum, histogram: 'sum' }],
  ['ts_of_first_over_time', { ...NONE, time: firstAt }],
  ['ts_of_last_over_time', NONE],
]);

/** The columns for a function; for one that buckets do not answer, the last sample of each stands for all. */
export function columnsFor(func: string): TierColumns {
  return COLUMNS.get(func) ?? LAST;
}

/** What is to be decoded, as bits. */
export function maskOf({ value, time, growth, histogram }: TierColumns): number {
  const base = (1 << value) | (1 << time) | (histogram === null ? 0 : HISTOGRAM_PART[histogram]);
  return growth ? base | (1 << first) | (1 << lost) | (1 << firstAt) | HISTOGRAM_PART.first | HISTOGRAM_PART.lost : base;
}
