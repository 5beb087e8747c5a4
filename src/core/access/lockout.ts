import { MINUTE, SECOND, type Millis } from '../base/time.ts';

/** What is remembered about the failed logins under one name. */
export interface Failures {
  readonly failures: number;
  readonly lockedUntil: Millis | null;
}

/** So many wrong passwords are forgiven before the delays begin. */
const FORGIVEN_FAILURES = 4;
const FIRST_DELAY = 5 * SECOND;
const LONGEST_DELAY = 15 * MINUTE;

/** After a wrong password: from the fifth on no login is taken for 5 s, then 10 s, 20 s ... up to 15 minutes. */
export function stepFailure(before: Failures, now: Millis): Failures {
  const failures = before.failures + 1;
  if (failures <= FORGIVEN_FAILURES) return { failures, lockedUntil: null };
  const doublings = Math.min(failures - FORGIVEN_FAILURES - 1, 20);
  return { failures, lockedUntil: now + Math.min(FIRST_DELAY * 2 ** doublings, LONGEST_DELAY) };
}

/** Until when no login is taken, or null when one is taken now. */
export function lockedUntil(state: Failures, now: Millis): Millis | null {
  return state.lockedUntil !== null && state.lockedUntil > now ? state.lockedUntil : null;
}
