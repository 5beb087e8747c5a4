import type { RolledHistograms } from '../../promql/histogram-roll.ts';
import { grown } from '../../wire/grown.ts';

/**
 * What is kept of the samples of one bucket. `lost` is the sum of the values before each fall between two samples: with it `first` and
 * `last` tell how much a counter grew. `firstAt` and `lastAt` say how long before the end of the bucket these two samples were, in ms.
 */
export const ROLLED = { min: 0, max: 1, sum: 2, count: 3, first: 4, last: 5, lost: 6, firstAt: 7, lastAt: 8 } as const;

/** Bits of `RolledRows.flags`: the bucket's last sample is a staleness marker; it has native histograms; start times are known in it. */
export const BUCKET = { ended: 1, histograms: 2, started: 4 } as const;

/** More than any combination of flags. */
export const BUCKET_FLAGS = 8;

/** How many columns there are. */
export const ROLLED_COLUMNS = 9;

type F = Float64Array;
/** The columns in the order of `ROLLED`. */
export type RolledColumns = [min: F, max: F, sum: F, count: F, first: F, last: F, lost: F, firstAt: F, lastAt: F];

/** Buckets of one series as growing columns, in the order of time; reused from series to series. */
export class RolledRows {
  size = 0;
  /** The end of each bucket: it holds the samples after the end of the bucket before, up to this moment, which belongs to it. */
  ends: Float64Array;
  columns: RolledColumns;
  /** What else is known of each bucket: bits of `BUCKET`. */
  flags: Uint8Array;
  /** The native histograms of each bucket that has some; the list may end before the buckets do. */
  readonly histograms: (RolledHistograms | null)[] = [];

  constructor(room = 64) {
    this.ends = new Float64Array(room);
    const column = (): F => new Float64Array(room);
    this.columns = [column(), column(), column(), column(), column(), column(), column(), column(), column()];
    this.flags = new Uint8Array(room);
  }

  clear(): void {
    this.size = 0;
    if (this.histograms.length > 0) this.histograms.length = 0;
  }

  /** Says what a bucket has of native histograms. */
  putHistograms(row: number, one: RolledHistograms): void {
    while (this.histograms.length < row) this.histograms.push(null);
    this.histograms[row] = one;
  }

  /** Forgets all rows from number `size` on. */
  truncate(size: number): void {
    this.size = size;
    if (this.histograms.length > size) this.histograms.length = size;
  }

  /** Are there histograms of which the buckets do not tell, because they were made before buckets told of them? */
  get lacksHistograms(): boolean {
    for (let row = 0; row < this.size; row += 1) {
      if (((this.flags[row] ?? 0) & BUCKET.histograms) !== 0 && (this.histograms[row] ?? null) === null) return true;
    }
    return false;
  }

  /** One of the columns, by its number in `ROLLED`. */
  column(which: number): Float64Array {
    return this.columns[which] as Float64Array;
  }

  /** Makes room for `more` rows behind the ones that are there. */
  reserve(more: number): void {
    const need = this.size + more;
    if (need <= this.ends.length) return;
    const room = Math.max(need, this.ends.length * 2);
    this.ends = grown(this.ends, new Float64Array(room));
    this.flags = grown(this.flags, new Uint8Array(room));
    for (const [which, column] of this.columns.entries()) this.columns[which] = grown(column, new Float64Array(room));
  }

  /** Of the rows from number `start` on, leaves only those with `from < end <= to`. */
  clip(from: number, to: number, start = 0): void {
    const { ends } = this;
    this.keep((row) => row < start || ((ends[row] ?? 0) > from && (ends[row] ?? 0) <= to));
  }

  /** Of the rows from number `start` on, takes those away whose ends are after `from`, up to `to`. */
  cut(from: number, to: number, start: number): void {
    const { ends } = this;
    this.keep((row) => row < start || (ends[row] ?? 0) <= from || (ends[row] ?? 0) > to);
  }

  /** Leaves only the rows that have samples, not markers alone. */
  keepFilled(): void {
    const counts = this.column(ROLLED.count);
    this.keep((row) => (counts[row] ?? 0) > 0 || (this.histograms[row] ?? null) !== null);
  }

  /** The flags of all rows together. */
  get allFlags(): number {
    let all = 0;
    for (let row = 0; row < this.size; row += 1) all |= this.flags[row] ?? 0;
    return all;
  }

  private keep(isKept: (row: number) => boolean): void {
    let kept = 0;
    while (kept < this.size && isKept(kept)) kept += 1;
    for (let row = kept; row < this.size; row += 1) {
      if (!isKept(row)) continue;
      this.ends[kept] = this.ends[row] ?? 0;
      this.flags[kept] = this.flags[row] ?? 0;
      for (const column of this.columns) column[kept] = column[row] ?? 0;
      if (row < this.histograms.length) this.histograms[kept] = this.histograms[row] ?? null;
      kept += 1;
    }
    this.truncate(kept);
  }
}
