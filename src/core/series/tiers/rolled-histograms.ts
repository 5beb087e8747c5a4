import type { Histogram } from '../../promql/histogram.ts';
import { NO_HISTOGRAM, type RolledHistograms } from '../../promql/histogram-roll.ts';
import { ChunkDecoder, ChunkEncoder } from '../chunk.ts';
import { Columns } from '../columns.ts';
import { ByteSink, ByteSource } from '../packed-ints.ts';
import type { RolledRows } from './rolled-rows.ts';

/** Bits of the mask that says what of the histograms of buckets is wanted; they stand above those of the columns of numbers. */
export const HISTOGRAM_PART = { first: 512, last: 1024, lost: 2048, sum: 4096 } as const;

/** More than any combination of `ROLL` flags, and the bit for what was lost. */
const FLAGS = 512;
const LOST = 256;
const PARTS = 7;

/**
 * Encodes the native histograms of buckets, behind the columns of numbers: the lengths of seven chunks (varints), then the chunks. The
 * first has 512 times the count and the flags, and as times the numbers of the rows; the second and third, how long before the end of the
 * bucket the first and the last histogram was, in ms; then the last histograms, the first ones where there are more than one, what was
 * lost where something was, and the sums where there are more than one and they can be added up.
 */
export class RolledHistogramEncoder {
  private readonly encoder = new ChunkEncoder();
  private readonly scratch = new Columns(256);
  private readonly parts = new ByteSink();

  /** Appends nothing when the rows `[from, to)` have none. */
  encode(rows: RolledRows, from: number, to: number, sink: ByteSink): void {
    const found: { readonly row: number; readonly end: number; readonly one: RolledHistograms }[] = [];
    for (let row = from; row < to; row += 1) {
      const one = rows.histograms[row] ?? null;
      if (one !== null) found.push({ row: row - from, end: rows.ends[row] ?? 0, one });
    }
    if (found.length === 0) return;
    const { parts } = this;
    parts.at = 0;
    const sizes = [
      this.numbers(found, ({ row, one }) => [row, one.count * FLAGS + one.flags + (one.lost === null ? 0 : LOST)]),
      this.numbers(found, ({ row, end, one }) => [row, end - one.firstTime]),
      this.numbers(found, ({ row, end, one }) => [row, end - one.lastTime]),
      this.list(found.map(({ one }) => one.last)),
      this.list(found.map(({ one }) => (one.count > 1 ? one.first : null))),
      this.list(found.map(({ one }) => one.lost)),
      this.list(found.map(({ one }) => (one.count > 1 ? one.sum : null))),
    ];
    for (const size of sizes) sink.varint(size);
    sink.raw(parts.bytes.subarray(0, parts.at));
  }

  private numbers<T>(found: readonly T[], of: (one: T) => readonly [time: number, value: number]): number {
    const { scratch } = this;
    scratch.clear();
    for (const one of found) {
      const [time, value] = of(one);
      scratch.add(time, value, 0);
    }
    return this.put();
  }

  private list(list: readonly (Histogram | null)[]): number {
    const { scratch } = this;
    scratch.clear();
    for (const [i, one] of list.entries()) if (one !== null) scratch.addHistogram(i, one);
    return scratch.size === 0 ? 0 : this.put();
  }

  private put(): number {
    const { scratch, parts } = this;
    const start = parts.at;
    this.encoder.encode(scratch, 0, scratch.size, parts);
    return parts.at - start;
  }
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly from: number;
  readonly to: number;
  readonly mask: number;
}

/** Decodes them. */
export class RolledHistogramDecoder {
  private readonly decoder = new ChunkDecoder();
  private readonly source = new ByteSource();
  private readonly meta = new Columns(256);
  private readonly firstBefore = new Columns(256);
  private readonly lastBefore = new Columns(256);
  private readonly scratch = new Columns(256);

  /** Puts the histograms at `bytes[from, to)` to the rows from `at` on; false when the bytes are something else. What is not in the mask is empty. */
  decode(chunk: Chunk, at: number, out: RolledRows): boolean {
    const { bytes, view, from, to, mask } = chunk;
    const { source, meta, firstBefore, lastBefore } = this;
    source.open(bytes, view, from, to);
    const sizes = Array.from({ length: PARTS }, () => source.varint());
    if (source.bad) return false;
    const places: Place[] = [];
    for (let start = source.at, i = 0; i < PARTS; i += 1) {
      const end = start + (sizes[i] ?? 0);
      places.push({ from: start, to: end });
      start = end;
      if (end > to) return false;
    }
    for (const [i, columns] of [meta, firstBefore, lastBefore].entries()) {
      columns.clear();
      if (!this.decoder.decode(bytes, view, places[i] ?? NOWHERE, columns) || columns.size !== meta.size) return false;
    }
    const list = (part: number, bit: number): Map<number, Histogram> | null =>
      (mask & bit) === 0 ? NONE : this.list(chunk, places[part] ?? NOWHERE);
    const lists = [
      // The only one of a bucket is its first and its sum, too.
      list(3, HISTOGRAM_PART.last | HISTOGRAM_PART.first | HISTOGRAM_PART.sum),
      list(4, HISTOGRAM_PART.first),
      list(5, HISTOGRAM_PART.lost),
      list(6, HISTOGRAM_PART.sum),
    ];
    const [lasts, firsts, lost, sums] = lists;
    if (!lasts || !firsts || !lost || !sums) return false;
    return this.fill(at, out, { lasts, firsts, lost, sums });
  }

  private fill(at: number, out: RolledRows, { lasts, firsts, lost, sums }: Lists): boolean {
    const { meta, firstBefore, lastBefore } = this;
    for (let i = 0; i < meta.size; i += 1) {
      const row = at + (meta.times[i] ?? 0);
      if (row < at || row >= out.size) return false;
      const packed = meta.values[i] ?? 0;
      const count = Math.floor(packed / FLAGS);
      const end = out.ends[row] ?? 0;
      const last = lasts.get(i) ?? NO_HISTOGRAM;
      out.putHistograms(row, {
        count,
        flags: packed % LOST,
        firstTime: end - (firstBefore.values[i] ?? 0),
        lastTime: end - (lastBefore.values[i] ?? 0),
        first: count === 1 ? last : (firsts.get(i) ?? NO_HISTOGRAM),
        last,
        lost: lost.get(i) ?? null,
        sum: sums === NONE ? null : ((count === 1 ? lasts : sums).get(i) ?? null),
      });
    }
    return true;
  }

  private list({ bytes, view }: Chunk, place: Place): Map<number, Histogram> | null {
    const { scratch } = this;
    const found = new Map<number, Histogram>();
    if (place.from === place.to) return found;
    scratch.clear();
    if (!this.decoder.decode(bytes, view, place, scratch)) return null;
    for (let i = 0; i < scratch.size; i += 1) {
      const histogram = scratch.histogramAt(i);
      if (histogram === null) return null;
      found.set(scratch.times[i] ?? 0, histogram);
    }
    return found;
  }
}

interface Place {
  readonly from: number;
  readonly to: number;
}

interface Lists {
  readonly lasts: ReadonlyMap<number, Histogram>;
  readonly firsts: ReadonlyMap<number, Histogram>;
  readonly lost: ReadonlyMap<number, Histogram>;
  readonly sums: ReadonlyMap<number, Histogram>;
}

const NOWHERE: Place = { from: 0, to: 0 };
const NONE: Map<number, Histogram> = new Map();
