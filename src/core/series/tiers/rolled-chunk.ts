import { ChunkDecoder, ChunkEncoder } from '../chunk.ts';
import { Columns } from '../columns.ts';
import { ByteSink, ByteSource } from '../packed-ints.ts';
import { HISTOGRAM_PART, RolledHistogramDecoder, RolledHistogramEncoder } from './rolled-histograms.ts';
import { BUCKET_FLAGS, ROLLED, ROLLED_COLUMNS, type RolledRows } from './rolled-rows.ts';

/** What no chunk of buckets exceeds. */
export const ROLLED_CHUNK_ROWS = 768;

/** Everything: the mask for `RolledChunkDecoder.decode`. */
export const ALL_COLUMNS: number =
  2 ** ROLLED_COLUMNS - 1 + HISTOGRAM_PART.first + HISTOGRAM_PART.last + HISTOGRAM_PART.lost + HISTOGRAM_PART.sum;

/** A column that is most often the same as another: the smallest value of a counter is its first, the largest its last. */
const SAME_AS: ReadonlyMap<number, number> = new Map([
  [ROLLED.min, ROLLED.first],
  [ROLLED.max, ROLLED.last],
]);

/**
 * Encodes buckets: per column a length (varint), then per column a chunk of samples; a length of 0 says that the column is the same as
 * another. The column `count` holds eight times the count and the flags, and its times are the ends of the buckets; the others count from 0.
 * What follows are the native histograms (rolled-histograms.ts); where they were not kept yet, nothing follows.
 */
export class RolledChunkEncoder {
  private readonly encoder = new ChunkEncoder();
  private readonly histograms = new RolledHistogramEncoder();
  private readonly scratch = new Columns(ROLLED_CHUNK_ROWS);
  private readonly parts = new ByteSink();

  /** Appends the chunk of the rows `[from, to)`, at least one and not more than `ROLLED_CHUNK_ROWS`, to the sink. */
  encode(rows: RolledRows, from: number, to: number, sink: ByteSink): void {
    const { scratch, parts } = this;
    const count = to - from;
    const sizes: number[] = [];
    parts.at = 0;
    for (let which = 0; which < ROLLED_COLUMNS; which += 1) {
      const start = parts.at;
      const column = rows.column(which);
      if (!isSame(column, SAME_AS.get(which), rows, [from, to])) {
        scratch.clear();
        for (let i = 0; i < count; i += 1) {
          const value = column[from + i] ?? 0;
          if (which === ROLLED.count) scratch.add(rows.ends[from + i] ?? 0, value * BUCKET_FLAGS + (rows.flags[from + i] ?? 0), 0);
          else scratch.add(i, value, 0);
        }
        this.encoder.encode(scratch, 0, count, parts);
      }
      sizes.push(parts.at - start);
    }
    for (const size of sizes) sink.varint(size);
    sink.raw(parts.bytes.subarray(0, parts.at));
    if (rows.histograms.length > from) this.histograms.encode(rows, from, to, sink);
  }
}

function isSame(column: Float64Array, other: number | undefined, rows: RolledRows, [from, to]: readonly [number, number]): boolean {
  if (other === undefined) return false;
  const same = rows.column(other);
  for (let i = from; i < to; i += 1) if (!Object.is(column[i], same[i])) return false;
  return true;
}

/** Decodes chunks of buckets, and of them only the columns that are wanted. */
export class RolledChunkDecoder {
  private readonly decoder = new ChunkDecoder();
  private readonly histograms = new RolledHistogramDecoder();
  private readonly source = new ByteSource();
  private readonly scratch = new Columns(ROLLED_CHUNK_ROWS);

  /** Appends the chunk at `bytes[from, to)` to the rows; false (and nothing appended) when it is none. Columns not in the mask are left as they are. */
  decode(
    bytes: Uint8Array,
    view: DataView,
    range: { readonly from: number; readonly to: number; readonly mask: number },
    out: RolledRows,
  ): boolean {
    const { source, scratch } = this;
    source.open(bytes, view, range.from, range.to);
    const sizes = Array.from({ length: ROLLED_COLUMNS }, () => source.varint());
    if (source.bad) return false;
    const places: { readonly from: number; readonly to: number }[] = [];
    for (let which = 0, at = source.at; which < ROLLED_COLUMNS; which += 1) {
      const size = sizes[which] ?? 0;
      places.push({ from: at, to: at + size });
      at += size;
      if (at > range.to) return false;
    }
    let count = 0;
    // The ends of the buckets, their counts and flags are always needed.
    for (const which of [ROLLED.count, ...COLUMNS.filter((one) => one !== ROLLED.count && (range.mask & (1 << one)) !== 0)]) {
      const place = places[sizes[which] === 0 ? (SAME_AS.get(which) ?? which) : which];
      scratch.clear();
      if (place === undefined || !this.decoder.decode(bytes, view, place, scratch)) return false;
      if (which !== ROLLED.count && scratch.size !== count) return false;
      if (which === ROLLED.count) {
        count = scratch.size;
        out.reserve(count);
        this.takeCounts(count, out);
      } else out.column(which).set(scratch.values.subarray(0, count), out.size);
    }
    out.size += count;
    const end = places.at(-1)?.to ?? range.to;
    if (end === range.to || this.histograms.decode({ bytes, view, ...range, from: end }, out.size - count, out)) return true;
    out.truncate(out.size - count);
    return false;
  }

  private takeCounts(count: number, out: RolledRows): void {
    const { times, values } = this.scratch;
    const counts = out.column(ROLLED.count);
    const at = out.size;
    out.ends.set(times.subarray(0, count), at);
    for (let i = 0; i < count; i += 1) {
      const value = values[i] ?? 0;
      out.flags[at + i] = value % BUCKET_FLAGS;
      counts[at + i] = Math.floor(value / BUCKET_FLAGS);
    }
  }
}

const COLUMNS = Array.from({ length: ROLLED_COLUMNS }, (_, which) => which);
