import type { Random } from '../world.ts';

/** mulberry32: small, seeded, good enough to choose faults and to name things the same way every time. */
export function seededRandom(seed: number): Random & { readonly chance: (probability: number) => boolean } {
  let state = seed >>> 0;
  let ids = 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    id: () => `sim-${String((ids += 1)).padStart(6, '0')}`,
    chance: (probability) => probability > 0 && fraction() < probability,
  };
}
