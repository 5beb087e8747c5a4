import type { Millis } from '../../base/time.ts';
import type { BucketStretch } from '../../promql/buckets.ts';
import type { SelectHints } from '../../promql/source.ts';
import { Columns } from '../columns.ts';
import type { SamplePart } from '../head.ts';
import { chooseTiers, isAnswerable, isExact, type TierKept, type TierWish } from './choose-tier.ts';
import { fillInstants } from './fill-instants.ts';
import { rollSamples } from './roll.ts';
import { fillRows } from './fill-rows.ts';
import { BUCKET, RolledRows } from './rolled-rows.ts';
import { columnsFor, maskOf, type TierColumns } from './tier-columns.ts';

/** Buckets of one width of some series, after `from` up to `to`. */
export interface TierPart {
  readonly from: Millis;
  readonly to: Millis;
  has(ref: number): boolean;
  /** Appends the series' buckets, perhaps some outside the window; only the columns of the mask, the counts and flags are filled. */
  read(ref: number, window: { readonly from: Millis; readonly to: Millis }, mask: number, out: RolledRows): void;
}

/** The coarser resolutions of a store. */
export interface TierShelf {
  /** What can be read now: the samples first, then from fine to coarse. */
  kept(): readonly TierKept[];
  /** The parts of one width that may hold buckets of a window, the oldest first. */
  parts(every: Millis, from: Millis, to: Millis): readonly TierPart[];
}

/** How a selector is read from several resolutions. */
export interface TierPlan {
  readonly stretches: readonly BucketStretch[];
  readonly columns: TierColumns;
  readonly wish: TierWish;
  /** Which samples are wanted, both ends included, as it was asked. */
  readonly from: Millis;
  readonly to: Millis;
  readonly instants: SelectHints['instants'];
  /** The parts of each stretch; of the stretches of samples, none. */
  readonly parts: readonly (readonly TierPart[])[];
  /** What of the answer is not what the samples would say; '' = nothing. */
  readonly remark: string;
  /** Are the samples of the whole window there? */
  readonly hasSamples: boolean;
}

/** Plans a read; null when the samples alone answer it. */
export function planTiers(shelf: TierShelf, wanted: { readonly from: Millis; readonly to: Millis }, hints: SelectHints): TierPlan | null {
  const kept = shelf.kept();
  const coarsest = kept.at(-1)?.every ?? 0;
  if (
    coarsest === 0 ||
    !Number.isFinite(wanted.from) ||
    !kept.some(({ every, from, until }) => every > 0 && from < wanted.to && until >= wanted.from)
  )
    return null;
  const { func, range, windows } = hints;
  const instants = hints.instants ?? hints.counted;
  const wish = { func, range, grid: instants ?? windows ?? null };
  // A window that begins inside a bucket needs the whole of it, and one that is shorter than a bucket the one before.
  const from = Math.floor(wanted.from / coarsest - 1) * coarsest;
  const stretches = chooseTiers(wish, { from, to: wanted.to }, kept).map((one) => trimmed(one, wanted.from));
  if (stretches.every(({ every }) => every === 0)) return null;
  return {
    stretches,
    wish,
    columns: columnsFor(wish.grid === null ? '' : func),
    from: wanted.from,
    to: wanted.to,
    instants,
    parts: stretches.map((one) => (one.every === 0 ? [] : shelf.parts(one.every, one.from, one.to))),
    remark: remarkOn(wish, stretches),
    hasSamples: (kept.findLast(({ every }) => every === 0)?.from ?? 0) < wanted.from,
  };
}

/** Without the buckets before the ones that a window from this moment on may need. */
function trimmed(stretch: BucketStretch, from: Millis): BucketStretch {
  const { every } = stretch;
  return every === 0 ? stretch : { ...stretch, from: Math.min(stretch.to, Math.max(stretch.from, Math.floor(from / every - 1) * every)) };
}

function remarkOn(wish: TierWish, stretches: readonly BucketStretch[]): string {
  const rough = stretches.filter(({ every }) => !isExact(wish, every)).map(({ every }) => formatTier(every));
  if (rough.length === 0) return '';
  const widths = [...new Set(rough)].join(' and ');
  if (!isAnswerable(wish)) return `samples are not kept that long: ${wish.func || 'the selector'} sees the last one of every ${widths}`;
  return `samples are not kept that long: times and ranges are rounded to ${widths}`;
}

/** The name of a resolution: `raw`, `5m`, `1h`, `1d`. */
export function formatTier(every: Millis): string {
  if (every === 0) return 'raw';
  for (const [unit, size] of UNITS) if (every % size === 0) return `${every / size}${unit}`;
  return `${every}ms`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** Reads series as a plan says. */
export class TierReader {
  /** The buckets of the series that was read last, when `read` said so. */
  readonly rows = new RolledRows();
  private readonly samples = new Columns(1_024);

  /**
   * Brings one series into `out`: values and times; for a range selector `rows` holds the buckets they stand for. Null: the series has no
   * buckets that tell all, and is to be read from the samples alone; else how many samples and buckets were looked at.
   */
  read(ref: number, plan: TierPlan, raw: readonly SamplePart[], out: Columns): number | null {
    if (!plan.parts.some((parts) => parts.some((part) => part.has(ref)))) return null;
    const { rows, samples } = this;
    const { instants, wish, columns } = plan;
    rows.clear();
    let looked = 0;
    for (const [i, { every, from, to }] of plan.stretches.entries()) {
      if (every > 0) {
        const mark = rows.size;
        for (const part of plan.parts[i] ?? []) part.read(ref, { from, to }, maskOf(columns), rows);
        rows.clip(from, to, mark);
        continue;
      }
      samples.clear();
      samples.from = columns.histogram === null ? Number.POSITIVE_INFINITY : Math.max(from + 1, plan.from);
      samples.to = Math.min(to, plan.to);
      for (const part of raw) part.read(ref, Math.max(from + 1, plan.from), Math.min(to, plan.to), samples);
      samples.sort();
      samples.clip(Math.max(from + 1, plan.from), Math.min(to, plan.to));
      looked += samples.size;
      const rolls = { growth: columns.growth, sum: columns.histogram === 'sum' };
      if (instants === undefined && isAnswerable(wish)) {
        const next = boundaries(wish);
        rollSamples(samples, (time) => Math.min(next(time), to), rows, rolls);
      } else rollSamples(samples, (time) => time, rows, rolls);
    }
    // Buckets do not know all that start times tell, and those that were made before they knew of histograms nothing of these.
    const flags = rows.allFlags;
    const isMissing = rows.lacksHistograms || (columns.growth && (flags & BUCKET.started) !== 0);
    if (isMissing && plan.hasSamples) return null;
    looked += rows.size;
    out.clear();
    if (instants !== undefined) {
      const lookback = instants.start - plan.from + 1;
      fillInstants(rows, plan.stretches, { ...instants, end: plan.to, lookback }, out);
    } else fillRows(rows, columns, isAnswerable(wish), out);
    return looked;
  }
}

/** The first moment at or after a time at which a window begins or ends: what lies between two such moments is never told apart. */
function boundaries({ grid, range }: TierWish): (time: Millis) => Millis {
  const { start, step } = grid ?? { start: 0, step: 0 };
  const next = (first: Millis, time: Millis): Millis => {
    if (time <= first) return first;
    return step <= 0 ? Number.POSITIVE_INFINITY : first + Math.ceil((time - first) / step) * step;
  };
  return (time) => Math.min(next(start, time), next(start - range, time));
}
