import type { Millis } from '../core/base/time.ts';

/** A clock one can also wait by. The engine sees only `now`; waiting is for loops at the edge (agent, main). */
export interface Clock {
  now(): Millis;
  /** Milliseconds since some fixed moment, never set back: for measuring lengths. */
  elapsed(): Millis;
  /** Resolves after the given length, or at once when the signal aborts. It never rejects: look at the signal afterwards. */
  wait(length: Millis, signal?: AbortSignal): Promise<void>;
}

/** The longest length a timer of the runtime takes; longer waits are cut, and whoever waits looks again. */
const LONGEST = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  wait: (length, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(0, length), LONGEST));
      signal?.addEventListener('abort', done, { once: true });
    }),
};
