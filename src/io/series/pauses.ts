import { setImmediate } from 'node:timers/promises';

/** How long work may go on before others have their turn. */
const SLICE = 4;

/** Called between small pieces of a long work: after every few milliseconds a promise that lets others have their turn, else null. */
export function pauses(): () => Promise<void> | null {
  let since = performance.now();
  return () => {
    if (performance.now() - since < SLICE) return null;
    return setImmediate().then(() => {
      since = performance.now();
    });
  };
}
