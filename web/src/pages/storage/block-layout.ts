import type { SeriesBlock } from '../../data/types.ts';

/** How a block is drawn; the first that holds. */
export type BlockLook = 'damaged' | 'cold' | 'whole';

/** A block as a bar: shares of the width, and the lane it stands in, from the top. */
export interface Bar {
  readonly block: SeriesBlock;
  readonly look: BlockLook;
  readonly left: number;
  readonly width: number;
  readonly lane: number;
}

/** The blocks of one resolution. */
export interface TierRow {
  readonly tier: string;
  readonly lanes: number;
  readonly bars: readonly Bar[];
}

export interface Picture {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly TierRow[];
}

const MOST_LANES = 6;
const LEAST_LENGTH = 3_600_000;

/**
 * Bars for all blocks that can be placed in time, the finest resolution first; those that overlap stand below each other. `length`: only
 * what lies in the newest part of time so long.
 */
export function layOut(blocks: readonly SeriesBlock[], now: number, length = Number.POSITIVE_INFINITY): Picture {
  const placed = blocks.filter(({ from, to }) => to > from && to > now - length);
  const from = Math.max(now - length, Math.min(now - LEAST_LENGTH, ...placed.map((block) => block.from)));
  const to = Math.max(now, ...placed.map((block) => block.to));
  const tiers = [...new Set(placed.map(({ tier }) => tier))].toSorted((a, b) => resolutionOf(a) - resolutionOf(b));
  const rows = tiers.map((tier): TierRow => {
    const ends: number[] = [];
    const bars = placed
      .filter((block) => block.tier === tier)
      .toSorted((a, b) => a.from - b.from || b.to - a.to)
      .map((block): Bar => {
        const free = ends.findIndex((end) => end <= block.from);
        const lane = free >= 0 ? free : Math.min(ends.length, MOST_LANES - 1);
        ends[lane] = Math.max(ends[lane] ?? 0, block.to);
        const begin = Math.max(from, block.from);
        return { block, look: lookOf(block), left: (begin - from) / (to - from), width: (block.to - begin) / (to - from), lane };
      });
    return { tier, lanes: Math.max(1, ends.length), bars };
  });
  return { from, to, rows };
}

export function lookOf({ problem, damagedChunks, cold }: SeriesBlock): BlockLook {
  return problem !== null || damagedChunks > 0 ? 'damaged' : cold ? 'cold' : 'whole';
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** How coarse a resolution is, in seconds; raw samples are the finest. */
function resolutionOf(tier: string): number {
  const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(tier) ?? [];
  return Number(count) * (UNITS[unit] ?? 0);
}

/** The parts of time that are worth to look at by themselves: shorter than all there is. */
export function lengthsFor(blocks: readonly SeriesBlock[], now: number): readonly { readonly name: string; readonly length: number }[] {
  const begin = Math.min(now, ...blocks.filter(({ from, to }) => to > from).map(({ from }) => from));
  return LENGTHS.filter(({ length }) => length < now - begin);
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LENGTHS = [
  { name: '2 d', length: 2 * DAY },
  { name: '14 d', length: 14 * DAY },
  { name: '90 d', length: 90 * DAY },
] as const;
const TICK_STEPS = [HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 180 * DAY, 365 * DAY];
const MOST_TICKS = 6;

/** Moments below the picture, few enough to be read, with their places as shares of the width. */
export function ticksOf({ from, to }: Pick<Picture, 'from' | 'to'>): readonly { readonly at: number; readonly left: number }[] {
  const step = TICK_STEPS.find((one) => (to - from) / one <= MOST_TICKS) ?? to - from;
  const first = Math.ceil(from / step) * step;
  const count = Math.max(0, Math.floor((to - first) / step) + 1);
  return Array.from({ length: Math.min(count, MOST_TICKS + 1) }, (_, index) => ({
    at: first + index * step,
    left: (first + index * step - from) / (to - from),
  }));
}
