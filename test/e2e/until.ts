import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until the answer is there (not null, undefined or false), and gives it; fails with what it waited for. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  patienceMs = 15_000,
): Promise<Exclude<T, null | undefined | false>> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer as Exclude<T, null | undefined | false>;
    if (performance.now() > deadline) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await pause(20);
  }
}
