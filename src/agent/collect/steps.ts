import { SECOND, type Millis } from '../../core/base/time.ts';

/** How far measuring may be late and still count as its moment, as a part of the step. */
const TOLERANCE = 0.25;
const FASTER_AT_FIRST = 5;
const SET_BACK_STEPS = 2;

/**
 * The step at a moment. During the first interval steps are shorter, so that the first rates are there after seconds; they divide the
 * interval, so that every moment lies on one grid.
 */
export function stepLength(interval: Millis, sinceStart: Millis): Millis {
  const shorter = interval / FASTER_AT_FIRST;
  return sinceStart < interval && shorter >= SECOND && shorter % SECOND === 0 ? shorter : interval;
}

/**
 * The next moment to measure: the first multiple of the step after now, and after the last measured moment, so that no moment is
 * measured twice when the clock trembles. When it was set back by more, measuring goes on from the new time.
 */
export function nextStep(now: Millis, last: Millis | null, step: Millis): Millis {
  const next = Math.floor(now / step) * step + step;
  if (last === null || next > last || last - now > SET_BACK_STEPS * step) return next;
  return Math.floor(last / step) * step + step;
}

/** How many steps went by unmeasured when waking at `now` for the step `at`: they stay gaps. 0: it is still its moment. */
export function missedSteps(at: Millis, now: Millis, step: Millis): number {
  return now - at <= step * TOLERANCE ? 0 : Math.floor((now - at) / step) + 1;
}
