import { ChunkDecoder, ChunkEncoder } from '../chunk.ts';
import { Columns } from '../columns.ts';
import { ByteSink, ByteSource } from '../packed-ints.ts';
import { BUCKET_FLAGS, ROLLED, ROLLED_COLUMNS, type RolledRows } from './rolled-rows.ts';

/** What no chunk of buckets exceeds. */
export const ROLLED_CHUNK_ROWS = 768;

/** Every column: the mask for `RolledChunkDecoder.decode`. */
export const ALL_COLUMNS: number = 2 ** ROLLED_COLUMNS - 1;

/**
 * Encodes buckets: per column a length (varint), then per column a chunk of samples. The times of the first are the ends of the buckets,
 * those of the others count from 0. The column `count` holds eight times the count and the flags.
 */
export class RolledChunkEncoder {
  private readonly encoder = new ChunkEncoder();
  private readonly scratch = new Columns(ROLLED_CHUNK_ROWS);
  private readonly parts = new ByteSink();

  /** Appends the chunk of the rows `[from, to)`, at least one and not more than `ROLLED_CHUNK_ROWS`, to the sink. */
  encode(rows: RolledRows, from: number, to: number, sink: ByteSink): void {
    const { scratch, parts } = this;
    const count = to - from;
    const sizes: number[] = [];
    parts.at = 0;
    for (let which = 0; which < ROLLED_COLUMNS; which += 1) {
      scratch.clear();
      for (let i = 0; i < count; i += 1) {
        const value = rows.column(which)[from + i] ?? 0;
        const time = which === 0 ? (rows.ends[from + i] ?? 0) : i;
        scratch.add(time, which === ROLLED.count ? value * BUCKET_FLAGS + (rows.flags[from + i] ?? 0) : value, 0);
      }
      const start = parts.at;
      this.encoder.encode(scratch, 0, count, parts);
      sizes.push(parts.at - start);
    }
    for (const size of sizes) sink.varint(size);
    sink.raw(parts.bytes.subarray(0, parts.at));
  }
}

/** Decodes chunks of buckets, and of them only the columns that are wanted. */
export class RolledChunkDecoder {
  private readonly decoder = new ChunkDecoder();
  private readonly source = new ByteSource();
  private readonly scratch = new Columns(ROLLED_CHUNK_ROWS);
  private readonly sizes: number[] = [];

  /** Appends the chunk at `bytes[from, to)` to the rows; false (and nothing appended) when it is none. Columns not in the mask are left as they are. */
  decode(
    bytes: Uint8Array,
    view: DataView,
    range: { readonly from: number; readonly to: number; readonly mask: number },
    out: RolledRows,
  ): boolean {
    const { source, scratch, sizes } = this;
    source.open(bytes, view, range.from, range.to);
    for (let which = 0; which < ROLLED_COLUMNS; which += 1) sizes[which] = source.varint();
    if (source.bad) return false;
    let from = source.at;
    let count = 0;
    for (let which = 0; which < ROLLED_COLUMNS; which += 1) {
      const to = from + (sizes[which] ?? 0);
      if (to > range.to) return false;
      // The ends of the buckets are with the first column, and with the counts the flags.
      const needed = which === 0 || which === ROLLED.count || (range.mask & (1 << which)) !== 0;
      if (needed) {
        scratch.clear();
        if (!this.decoder.decode(bytes, view, { from, to }, scratch)) return false;
        if (which === 0) {
          count = scratch.size;
          out.reserve(count);
          out.ends.set(scratch.times.subarray(0, count), out.size);
        } else if (scratch.size !== count) return false;
        this.take(which, count, out);
      }
      from = to;
    }
    out.size += count;
    return true;
  }

  private take(which: number, count: number, out: RolledRows): void {
    const { values } = this.scratch;
    const column = out.column(which);
    const at = out.size;
    if (which !== ROLLED.count) {
      column.set(values.subarray(0, count), at);
      return;
    }
    for (let i = 0; i < count; i += 1) {
      const value = values[i] ?? 0;
      out.flags[at + i] = value % BUCKET_FLAGS;
      column[at + i] = Math.floor(value / BUCKET_FLAGS);
    }
  }
}
