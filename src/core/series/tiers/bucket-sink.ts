import { grown } from '../../wire/grown.ts';
import type { BucketStretch, Buckets } from '../../promql/buckets.ts';
import type { RolledHistograms } from '../../promql/histogram-roll.ts';
import { ROLLED, type RolledRows } from './rolled-rows.ts';
import type { TierPlan } from './tier-reader.ts';

/** The buckets of several series as columns: those of series `i` end at `to[i]`; one that has none is made of samples as they came. */
export interface BucketColumns {
  readonly stretches: readonly BucketStretch[];
  readonly to: Uint32Array;
  /** The ends of the buckets, then as many columns as the function asks for: the counts; the first values, their times, what was lost. */
  readonly columns: readonly Float64Array[];
  /** The same of native histograms; null: no series has some. */
  readonly histograms: HistogramColumns | null;
}

/** What native histograms in buckets stand for; those of series `i` end at `to[i]`. */
export interface HistogramColumns {
  readonly to: Uint32Array;
  readonly ends: Float64Array;
  readonly rolled: readonly RolledHistograms[];
}

/** A sink for what a selection reads; null when all of it comes as samples. */
export function bucketSinkFor({ plan }: { readonly plan: TierPlan | null }): BucketSink | null {
  return plan === null || plan.instants !== undefined ? null : new BucketSink(plan);
}

/** Collects the buckets of one series after the other. */
export class BucketSink {
  private readonly stretches: readonly BucketStretch[];
  private readonly columns: Float64Array[];
  private readonly to: number[] = [];
  private readonly histogramTo: number[] = [];
  private readonly histogramEnds: number[] = [];
  private readonly rolled: RolledHistograms[] = [];
  private size = 0;

  constructor({ stretches, columns }: TierPlan) {
    this.stretches = stretches;
    this.columns = Array.from({ length: columns.growth ? 5 : columns.counts ? 2 : 1 }, () => new Float64Array(256));
  }

  /** Null: the series is made of samples. */
  add(rows: RolledRows | null): void {
    if (rows !== null && rows.histograms.length > 0) this.addHistograms(rows);
    else if (rows !== null) this.addRows(rows, 0, rows.size);
    this.to.push(this.size);
    this.histogramTo.push(this.rolled.length);
  }

  finish(): BucketColumns {
    const { stretches, rolled, size } = this;
    const to = Uint32Array.from(this.histogramTo);
    const histograms = rolled.length === 0 ? null : { to, ends: Float64Array.from(this.histogramEnds), rolled };
    return { stretches, to: Uint32Array.from(this.to), columns: this.columns.map((column) => column.slice(0, size)), histograms };
  }

  /** Buckets of histograms alone are none of numbers. */
  private addHistograms(rows: RolledRows): void {
    const counts = rows.column(ROLLED.count);
    for (let row = 0; row < rows.size; row += 1) {
      const one = rows.histograms[row] ?? null;
      if (counts[row] !== 0) this.addRows(rows, row, row + 1);
      if (one === null) continue;
      this.histogramEnds.push(rows.ends[row] ?? 0);
      this.rolled.push(one);
    }
  }

  private addRows(rows: RolledRows, from: number, to: number): void {
    const count = to - from;
    this.reserve(count);
    const [ends, counts, firsts, firstTimes, lost] = this.columns;
    const at = this.size;
    ends?.set(rows.ends.subarray(from, to), at);
    counts?.set(rows.column(ROLLED.count).subarray(from, to), at);
    firsts?.set(rows.column(ROLLED.first).subarray(from, to), at);
    lost?.set(rows.column(ROLLED.lost).subarray(from, to), at);
    const before = rows.column(ROLLED.firstAt);
    if (firstTimes !== undefined)
      for (let i = 0; i < count; i += 1) firstTimes[at + i] = (rows.ends[from + i] ?? 0) - (before[from + i] ?? 0);
    this.size += count;
  }

  private reserve(more: number): void {
    const need = this.size + more;
    const have = this.columns[0]?.length ?? 0;
    if (need <= have) return;
    const room = Math.max(need, have * 2);
    for (const [i, column] of this.columns.entries()) this.columns[i] = grown(column, new Float64Array(room));
  }
}

/** The buckets of one series; undefined when it is made of samples. */
export function bucketsOf({ stretches, to, columns, histograms }: BucketColumns, series: number): Buckets | undefined {
  const from = to[series - 1] ?? 0;
  const end = to[series] ?? from;
  const histogramFrom = histograms?.to[series - 1] ?? 0;
  const histogramEnd = histograms?.to[series] ?? histogramFrom;
  if (end === from && histogramEnd === histogramFrom) return undefined;
  const [ends = NONE, counts = null, firsts, firstTimes, lost] = columns.map((column) => column.subarray(from, end));
  const isGrowth = firsts !== undefined && firstTimes !== undefined && lost !== undefined;
  return {
    ends,
    stretches,
    counts,
    growth: isGrowth ? { firsts, firstTimes, lost } : null,
    histogramEnds: histograms?.ends.subarray(histogramFrom, histogramEnd) ?? NONE,
    histograms: histograms?.rolled.slice(histogramFrom, histogramEnd) ?? [],
  };
}

const NONE = new Float64Array(0);
