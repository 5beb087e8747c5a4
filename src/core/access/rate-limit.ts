import type { Millis } from '../base/time.ts';

/** At most `burst` at once, and one more every `every` milliseconds, for each key; only the latest `keys` keys are remembered. */
export interface RateLimit {
  readonly burst: number;
  readonly every: Millis;
  readonly keys: number;
}

/** The token buckets of a rate limit: key -> when its bucket would be full again. */
export type Buckets = Map<string, Millis>;

/** Takes one from the bucket of `key`. Null: taken; else how long to wait until there is one again. */
export function takeOne(buckets: Buckets, limit: RateLimit, key: string, now: Millis): Millis | null {
  const fullAt = Math.max(buckets.get(key) ?? now, now);
  const wait = fullAt + limit.every - (now + limit.burst * limit.every);
  if (wait > 0) return wait;
  buckets.delete(key);
  buckets.set(key, fullAt + limit.every);
  if (buckets.size > limit.keys) forget(buckets, now);
  return null;
}

/** Full buckets say nothing and go first; where all are in use, the one used longest ago goes. */
function forget(buckets: Buckets, now: Millis): void {
  for (const [key, fullAt] of buckets) if (fullAt <= now) buckets.delete(key);
  const oldest = buckets.keys().next();
  if (oldest.done !== true && buckets.size > 0) buckets.delete(oldest.value);
}
