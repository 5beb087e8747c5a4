import { DAY, type Millis } from '../../../core/base/time.ts';

/** How many days are made as one: those of a bucket where that is longer than a day. They begin at multiples of that many. */
export function unitDays(every: Millis): number {
  return Math.max(1, Math.round(every / DAY));
}
