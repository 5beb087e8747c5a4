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
}

const { min, max, sum, count, first, last, lost, firstAt, lastAt } = ROLLED;
const LAST: TierColumns = { value: last, time: lastAt, growth: false, counts: false };
const GROWTH: TierColumns = { ...LAST, growth: true, counts: true };

const COLUMNS: ReadonlyMap<string, TierColumns> = new Map([
  ['absent_over_time', { ...LAST, value: count }],
  ['avg_over_time', { ...LAST, value: sum, counts: true }],
  ['count_over_time', { ...LAST, value: count }],
  ['delta', GROWTH],
  ['first_over_time', { ...LAST, value: first }],
  ['increase', GROWTH],
  ['max_over_time', { ...LAST, value: max }],
  ['min_over_time', { ...LAST, value: min }],
  ['present_over_time', { ...LAST, value: count }],
  ['rate', GROWTH],
  ['sum_over_time', { ...LAST, value: sum }],
  ['ts_of_first_over_time', { ...LAST, time: firstAt }],
]);

/** The columns for a function; for one that buckets do not answer, the last sample of each stands for all. */
export function columnsFor(func: string): TierColumns {
  return COLUMNS.get(func) ?? LAST;
}

/** The columns to decode, as bits. */
export function maskOf({ value, time, growth }: TierColumns): number {
  const base = (1 << value) | (1 << time);
  return growth ? base | (1 << first) | (1 << lost) | (1 << firstAt) : base;
}
