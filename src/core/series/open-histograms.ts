import type { Histogram } from '../promql/histogram.ts';
import { storedHint } from '../promql/histogram-reset.ts';
import { type Columns, HISTOGRAM } from './columns.ts';
import { hasLayoutOf, isSameHistogram } from './histogram-codec.ts';

interface Open {
  readonly times: number[];
  readonly list: Histogram[];
}

/** So many are kept before they are encoded. */
const OPEN_LIMIT = 8;

/** The histograms in open chunks, which hold only their times and sums. */
export class OpenHistograms {
  private readonly open = new Map<number, Open>();
  /** The last one of each series that was added in order, to tell whether the next one continues it. */
  private readonly last = new Map<number, { readonly time: number; readonly histogram: Histogram }>();
  private buckets = 0;

  isFull(ref: number): boolean {
    return (this.open.get(ref)?.times.length ?? 0) >= OPEN_LIMIT;
  }

  get memoryBytes(): number {
    return (this.open.size + this.last.size) * 512 + this.buckets * 8;
  }

  add(ref: number, time: number, given: Histogram): void {
    const last = this.last.get(ref);
    const histogram = frugal(given, last?.histogram, last === undefined || time > last.time);
    if (last === undefined || time > last.time) this.last.set(ref, { time, histogram });
    const open = this.open.get(ref);
    if (open === undefined) this.open.set(ref, { times: [time], list: [histogram] });
    else {
      open.times.push(time);
      open.list.push(histogram);
    }
    this.buckets += given.positive.count.length + given.negative.count.length;
  }

  /** Is this very histogram the sample of the series at the time? */
  has(ref: number, time: number, histogram: Histogram): boolean {
    const open = this.open.get(ref);
    const known = open?.list[open.times.indexOf(time)];
    return known !== undefined && isSameHistogram(known, histogram);
  }

  /** Puts the histograms of the series to their samples from `at` on. */
  fill(ref: number, at: number, out: Columns): void {
    const open = this.open.get(ref);
    if (open === undefined) return;
    for (let i = at; i < out.size; i += 1) {
      if (out.stale[i] !== HISTOGRAM) continue;
      const histogram = open.list[open.times.indexOf(out.times[i] ?? 0)];
      out.values[i] = histogram === undefined ? -1 : out.histograms.push(histogram) - 1;
    }
  }

  /** The open chunk of the series is sealed. */
  seal(ref: number): void {
    for (const { positive, negative } of this.open.get(ref)?.list ?? []) this.buckets -= positive.count.length + negative.count.length;
    this.open.delete(ref);
  }

  /** Something that is no histogram follows: the next one continues nothing. */
  interrupt(ref: number): void {
    this.last.delete(ref);
  }
}

/** With the hint that is stored, and with the buckets of its predecessor when they are the same ones. */
function frugal(given: Histogram, last: Histogram | undefined, isNext: boolean): Histogram {
  const hint = given.hint === 'reset' ? 'reset' : storedHint(isNext ? (last ?? null) : null, given);
  if (last === undefined || !hasLayoutOf(given, last)) return { ...given, hint };
  const { customValues } = last;
  const positive = { index: last.positive.index, count: given.positive.count };
  return { ...given, hint, customValues, positive, negative: { index: last.negative.index, count: given.negative.count } };
}
