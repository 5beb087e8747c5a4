import { join } from 'node:path';
import { DAY, MINUTE } from '../../src/core/base/time.ts';
import { DEFAULT_RULES } from '../../src/core/series/head.ts';
import { SeriesEngine } from '../../src/io/series/engine.ts';
import { DEFAULT_KEEPING } from '../../src/io/series/keeper.ts';

const MIDNIGHT = 1_700_000_000_000 - (1_700_000_000_000 % DAY);
/** Long after all samples. */
export const NOW = MIDNIGHT + 3_000 * DAY;
/** Samples of one request. */
export const STEP = 40;

export function timeOf(sample: number): number {
  return MIDNIGHT + sample * 10 * MINUTE;
}

/** A store whose old blocks go to the cold folder beside it. */
export function openKept(root: string): SeriesEngine {
  return new SeriesEngine({
    folder: join(root, 'series'),
    rules: { ...DEFAULT_RULES, lateWindow: 10_000 * DAY },
    bodyLimitBytes: 1 << 24,
    decodedLimitBytes: 1 << 25,
    segmentBytes: 4_000,
    minFreeBytes: 0,
    exemplars: 0,
    keeping: { ...DEFAULT_KEEPING, cold: { folder: join(root, 'cold'), after: 10 * DAY } },
  });
}
