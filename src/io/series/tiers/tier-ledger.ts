import { DAY, type Millis } from '../../../core/base/time.ts';
import type { Block } from '../block-file.ts';
import type { BlockFolder } from '../block-folder.ts';
import { unitDays } from './tier-unit.ts';
import { ANYTHING, type TierFolder } from './tier-folder.ts';

/** The number of the day a moment belongs to in a tier: the buckets of a day lie after its midnight, up to the next one. */
export function tierDay(time: Millis): number {
  return Math.ceil(time / DAY) - 1;
}

/** What a day of a tier, or the days of a bucket, is to be made of: the names of parts; null while they are not complete, [] when there is nothing. */
type Ingredients = readonly string[] | null;

/** Knows which days of the tiers are as they should be, and which are to be made, or made anew. */
export class TierLedger {
  private readonly widths: readonly Millis[];
  private readonly folder: TierFolder;
  private readonly blocks: BlockFolder;
  private known: { readonly revision: string; readonly undone: readonly (readonly number[])[] } | null = null;

  /** `widths`: from fine to coarse. */
  constructor(widths: readonly Millis[], folder: TierFolder, blocks: BlockFolder) {
    this.widths = widths;
    this.folder = folder;
    this.blocks = blocks;
  }

  /** The days of a tier, ascending, that are not as they should be. */
  undone(tier: number): readonly number[] {
    const revision = `${this.folder.revision} ${this.blocks.revision}`;
    if (this.known?.revision !== revision) this.known = { revision, undone: this.widths.map((_, i) => this.findUndone(i)) };
    return this.known.undone[tier] ?? [];
  }

  /** Is everything there that the day is made of? */
  isReady(tier: number, day: number): boolean {
    return this.ingredients(tier, day) !== null;
  }

  /** What the day is made of. */
  ingredientsOf(tier: number, day: number): readonly string[] {
    return this.ingredients(tier, day) ?? [];
  }

  /** The blocks with samples of a day, or of some that follow it. */
  blocksOf(day: number, days = 1): Block[] {
    return this.blocks.inOrder.filter(({ minTime, maxTime }) => maxTime > day * DAY && minTime <= (day + days) * DAY);
  }

  private findUndone(tier: number): number[] {
    const days = new Set<number>();
    for (const { minTime, maxTime } of this.blocks.blocks)
      for (let day = tierDay(minTime); day <= tierDay(maxTime); day += 1) days.add(day);
    const finer = this.widths[tier - 1];
    if (finer !== undefined) for (const day of this.folder.daysOf(finer)) days.add(day);
    const unit = unitDays(this.widths[tier] ?? 0);
    const units = new Set([...days].map((day) => Math.floor(day / unit) * unit));
    return [...units].filter((day) => this.isUndone(tier, day)).sort((a, b) => a - b);
  }

  private isUndone(tier: number, day: number): boolean {
    const wanted = this.ingredients(tier, day);
    if (wanted === null) return true;
    if (wanted.length === 0) return false;
    const of = this.folder.day(this.widths[tier] ?? 0, day)?.of;
    return of === undefined || (of[0] !== ANYTHING && !wanted.every((one) => of.includes(one)));
  }

  private ingredients(tier: number, day: number): Ingredients {
    const finer = this.widths[tier - 1];
    if (day * DAY < Math.max(this.folder.goneBefore(this.widths[tier] ?? 0), this.folder.goneBefore(finer ?? 0))) return [];
    if (finer === undefined) return this.rootsOf(day, unitDays(this.widths[tier] ?? 0));
    const step = unitDays(finer);
    const of: string[] = [];
    for (let part = day; part < day + unitDays(this.widths[tier] ?? 0); part += step) {
      const made = this.folder.day(finer, part);
      const isMissing = made === undefined ? this.rootsOf(part, step).length > 0 : this.isUndone(tier - 1, part);
      if (isMissing) return null;
      if (made !== undefined) of.push(made.version);
    }
    return of;
  }

  /** The flushes whose samples some days hold. */
  private rootsOf(day: number, days: number): readonly string[] {
    // Of a day that lost samples, the tiers know more than what is left.
    if (day * DAY < this.folder.samplesFrom) return [];
    const roots = this.blocksOf(day, days).flatMap((block) => this.blocks.rootsOf(block));
    return roots.filter(([, minTime, maxTime]) => maxTime > day * DAY && minTime <= (day + days) * DAY).map(([id]) => id);
  }
}
