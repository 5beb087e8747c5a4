import type { Clock } from '../../src/io/clock.ts';

/** A clock that moves only when told to. */
export interface ManualClock extends Clock {
  /** Goes forward in time, waking each waiter at its moment and letting everything it causes happen before the next one. */
  advance(length: number): Promise<void>;
  /** Sets the time of day without letting time pass. */
  set(now: number): void;
  /** How many wait. */
  waiting(): number;
}

/** Until everything that is ready to run has run; nothing that is waited for here comes from outside the process. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}

export function openManualClock(start: number): ManualClock {
  let elapsed = 0;
  let offset = start;
  const waiters = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => offset + elapsed,
    elapsed: () => elapsed,
    wait: (length, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        const waiter = {
          at: elapsed + Math.max(0, length),
          wake: () => {
            waiters.delete(waiter);
            signal?.removeEventListener('abort', waiter.wake);
            resolve();
          },
        };
        waiters.add(waiter);
        signal?.addEventListener('abort', waiter.wake, { once: true });
      }),
    set: (now) => {
      offset = now - elapsed;
    },
    waiting: () => waiters.size,
    advance: async (length) => {
      const end = elapsed + length;
      await settle();
      for (;;) {
        const next = [...waiters].sort((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > end) break;
        elapsed = Math.max(elapsed, next.at);
        next.wake();
        await settle();
      }
      elapsed = end;
      await settle();
    },
  };
}
