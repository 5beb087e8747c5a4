import { formatSpan, type Millis } from '../base/time.ts';

/** What limits how often something starts, and how it stands now. */
export interface Quota {
  readonly what: string;
  readonly concurrency: number;
  readonly cooldown: Millis;
  /** Runs that are open now. */
  readonly open: number;
  /** When the last one was let through, null if never. */
  readonly last: Millis | null;
}

/** Why a run may not start now, null when it may: too many are open, or the last was too short ago. */
export function whyHeld(quota: Quota, now: Millis): string | null {
  const { what, concurrency, cooldown, open, last } = quota;
  if (open >= concurrency) return `${what} is at its limit: ${open} of at most ${concurrency} open`;
  if (last !== null && now - last < cooldown) return `${what} is cooling down for ${formatSpan(cooldown - (now - last))} more`;
  return null;
}
