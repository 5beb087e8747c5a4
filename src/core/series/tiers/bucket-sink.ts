import { grown } from '../../wire/grown.ts';
import type { BucketStretch, Buckets } from '../../promql/buckets.ts';
import { ROLLED, type RolledRows } from './rolled-rows.ts';
import type { TierPlan } from './tier-reader.ts';

/** The buckets of several series as columns: those of series `i` end at `to[i]`; one that has none is made of samples as they came. */
export interface BucketColumns {
  readonly stretches: readonly BucketStretch[];
  readonly to: Uint32Array;
  /** The ends of the buckets, then as many columns as the function asks for: the counts; the first values, their times, what was lost. */
  readonly columns: readonly Float64Array[];
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
  private size = 0;

  constructor({ stretches, columns }: TierPlan) {
    this.stretches = stretches;
    this.columns = Array.from({ length: columns.growth ? 5 : columns.counts ? 2 : 1 }, () => new Float64Array(256));
  }

  /** Null: the series is made of samples. */
  add(rows: RolledRows | null): void {
    const count = rows?.size ?? 0;
    this.to.push(this.size + count);
    if (rows === null) return;
    this.reserve(count);
    const [ends, counts, firsts, firstTimes, lost] = this.columns;
    const at = this.size;
    ends?.set(rows.ends.subarray(0, count), at);
    counts?.set(rows.column(ROLLED.count).subarray(0, count), at);
    firsts?.set(rows.column(ROLLED.first).subarray(0, count), at);
    lost?.set(rows.column(ROLLED.lost).subarray(0, count), at);
    const before = rows.column(ROLLED.firstAt);
    if (firstTimes !== undefined) for (let i = 0; i < count; i += 1) firstTimes[at + i] = (rows.ends[i] ?? 0) - (before[i] ?? 0);
    this.size += count;
  }

  finish(): BucketColumns {
    return { stretches: this.stretches, to: Uint32Array.from(this.to), columns: this.columns.map((column) => column.slice(0, this.size)) };
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
export function bucketsOf({ stretches, to, columns }: BucketColumns, series: number): Buckets | undefined {
  const from = to[series - 1] ?? 0;
  const end = to[series] ?? from;
  if (end === from) return undefined;
  const [ends = NONE, counts = null, firsts, firstTimes, lost] = columns.map((column) => column.subarray(from, end));
  const isGrowth = firsts !== undefined && firstTimes !== undefined && lost !== undefined;
  return { ends, stretches, counts, growth: isGrowth ? { firsts, firstTimes, lost } : null };
}

const NONE = new Float64Array(0);
