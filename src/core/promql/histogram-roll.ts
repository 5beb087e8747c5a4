import type { Millis } from '../base/time.ts';
import { type Histogram, NO_BUCKETS } from './histogram.ts';
import { addHistograms } from './histogram-math.ts';
import { isReset } from './histogram-reset.ts';
import { HistogramSum } from './histogram-sum.ts';

/**
 * Bits of `RolledHistograms.flags`. What the hints of the samples say: one is of a gauge, after a reset, after none. `alone`: a reset stands
 * between the first sample and the second. `kinds`: what was lost is of both kinds of layouts, and cannot be added up. `unsummed`: the same
 * is true of all samples. `reconciled`, `lostReconciled`: listed bounds were intersected for the sum, for what was lost.
 */
export const ROLL = { gauge: 1, reset: 2, notReset: 4, alone: 8, kinds: 16, unsummed: 32, reconciled: 64, lostReconciled: 128 } as const;

/** The native histograms of one series in a stretch of time, rolled up. */
export interface RolledHistograms {
  /** How many there are, at least one. */
  readonly count: number;
  readonly flags: number;
  readonly firstTime: Millis;
  readonly lastTime: Millis;
  readonly first: Histogram;
  readonly last: Histogram;
  /** The sum of the histograms before each reset, without the first one of all when a reset follows it at once; null: there is none. */
  readonly lost: Histogram | null;
  /** Null: they cannot be added up, or it was not asked for. */
  readonly sum: Histogram | null;
}

/** A histogram without samples, in place of one that was not asked for. */
export const NO_HISTOGRAM: Histogram = {
  schema: 0,
  hint: 'unknown',
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: 0,
  positive: NO_BUCKETS,
  negative: NO_BUCKETS,
  customValues: [],
};

/** One histogram as if it were many. */
export function rolledSample(time: Millis, histogram: Histogram): RolledHistograms {
  const { hint } = histogram;
  const flags = hint === 'gauge' ? ROLL.gauge : hint === 'reset' ? ROLL.reset : hint === 'not-reset' ? ROLL.notReset : 0;
  return { count: 1, flags, firstTime: time, lastTime: time, first: histogram, last: histogram, lost: null, sum: histogram };
}

/** What is wanted of histograms that are rolled up. */
export interface RollWish {
  readonly growth: boolean;
  readonly sum: boolean;
}

/** Rolls up histograms, or what is rolled up already, in the order of time. */
export class HistogramRoll {
  private readonly wish: RollWish;
  private now: RolledHistograms | null = null;
  private flags = 0;
  private count = 0;
  private lost: Histogram | null = null;
  private sum: HistogramSum | null = null;

  constructor(wish: RollWish) {
    this.wish = wish;
  }

  add(next: RolledHistograms): void {
    const { now } = this;
    if (now === null) {
      this.now = next;
      this.flags = next.flags;
      this.count = next.count;
      this.lost = next.lost;
      this.sum = this.wish.sum && next.sum !== null ? new HistogramSum(next.sum) : null;
      return;
    }
    if (this.wish.growth) this.addLost(now, next);
    this.flags |= next.flags & ~ROLL.alone;
    this.count += next.count;
    this.now = { ...now, last: next.last, lastTime: next.lastTime };
    if (this.sum === null) return;
    if (next.sum === null || this.sum.add(next.sum) === 'incompatible') {
      this.sum = null;
      this.flags |= ROLL.unsummed;
    }
  }

  /** All that was added, which is then forgotten; null when there was nothing. */
  finish(): RolledHistograms | null {
    const { now, count, lost, sum } = this;
    if (now === null) return null;
    this.now = null;
    const flags = this.flags | (sum?.reconciled === true ? ROLL.reconciled : 0);
    return { ...now, count, flags, lost, sum: count === 1 ? now.sum : (sum?.total ?? null) };
  }

  private addLost(now: RolledHistograms, next: RolledHistograms): void {
    if (isReset(next.first, now.last)) {
      if (this.count === 1) this.flags |= ROLL.alone;
      else this.lose(now.last);
    }
    if ((next.flags & ROLL.alone) !== 0) this.lose(next.first);
    if (next.lost !== null) this.lose(next.lost);
  }

  private lose(histogram: Histogram): void {
    if ((this.flags & ROLL.kinds) !== 0) return;
    const total = this.lost === null ? { value: histogram, reconciled: false } : addHistograms(this.lost, histogram);
    if (total === null) this.flags |= ROLL.kinds;
    if (total?.reconciled === true) this.flags |= ROLL.lostReconciled;
    this.lost = total === null ? null : { ...total.value, hint: 'unknown' };
  }
}
