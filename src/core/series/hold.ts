import { DAY, type Millis } from '../base/time.ts';
import type { Matcher } from '../promql/matcher.ts';

/** Samples that nothing may delete until the hold is lifted: of the series of any of the selectors, between two moments, both included. */
export interface Hold {
  readonly name: string;
  /** The selectors as they were written. */
  readonly match: readonly string[];
  readonly selectors: readonly (readonly Matcher[])[];
  /** Whole days (UTC): see `wholeDays`. */
  readonly from: Millis;
  readonly to: Millis;
  readonly reason: string;
  /** Who wanted it, for people. */
  readonly by: string;
  /** Null: it stands in the configuration. */
  readonly since: Millis | null;
}

/** A stretch of time, both ends included, and the holds that are about some of it. */
export interface HeldStretch {
  readonly from: Millis;
  readonly to: Millis;
  readonly holds: readonly Hold[];
}

/** The days (UTC) around a time, from the first millisecond to the last. An end that is no moment stays. */
export function wholeDays(from: Millis, to: Millis): { readonly from: Millis; readonly to: Millis } {
  const first = Math.floor(from / DAY) * DAY;
  const last = (Math.floor(to / DAY) + 1) * DAY - 1;
  return { from: isMoment(from) ? first : Number.MIN_SAFE_INTEGER, to: isMoment(to) ? last : Number.MAX_SAFE_INTEGER };
}

/** The last moment that nothing of a hold's series may be deleted at: the midnight after it, which is in the last bucket of its last day. */
export function heldUntil({ to }: Hold): Millis {
  return to + 1;
}

/** Cuts a time where holds begin and end: each stretch is under its holds as a whole, or under none. */
export function heldStretches(holds: readonly Hold[], from: Millis, to: Millis): readonly HeldStretch[] {
  const begins = new Set([from]);
  for (const hold of holds) for (const begin of [hold.from, heldUntil(hold) + 1]) if (begin > from && begin <= to) begins.add(begin);
  const sorted = [...begins].sort((a, b) => a - b);
  return sorted.map((begin, i) => {
    const end = (sorted[i + 1] ?? to + 1) - 1;
    return { from: begin, to: end, holds: holds.filter((hold) => hold.from <= begin && heldUntil(hold) >= end) };
  });
}

function isMoment(time: Millis): boolean {
  return Math.abs(time) < 8.64e15;
}
