import type { Millis } from '../base/time.ts';
import { WriteBatch } from '../wire/write-batch.ts';
import { ByteSink, ByteSource } from './packed-ints.ts';

/** One chunk of a block file, whose bytes follow those of the chunk before. */
export interface BlockChunk {
  readonly from: Millis;
  readonly to: Millis;
  readonly bytes: number;
  readonly crc: number;
}

/**
 * Collects the index of a block file: per series its label bytes, the number of its source, and its chunks. Times are relative to the
 * block's first.
 */
export class BlockIndexEncoder {
  readonly sink = new ByteSink();
  private readonly firstTime: Millis;

  constructor(firstTime: Millis) {
    this.firstTime = firstTime;
  }

  add(key: Uint8Array, source: number, chunks: readonly BlockChunk[]): void {
    const { sink } = this;
    sink.varint(key.length);
    sink.raw(key);
    sink.varint(source);
    sink.varint(chunks.length);
    for (const { from, to, bytes, crc } of chunks) {
      sink.varint(from - this.firstTime);
      sink.varint(to - from);
      sink.varint(bytes);
      sink.varint(crc);
    }
  }
}

/** The index of a block file as columns. Series `s` has the chunks `firstChunk[s]` up to `firstChunk[s + 1]`. */
export interface BlockIndex {
  /** The label bytes of the series, to be resolved; it has no samples. */
  readonly series: WriteBatch;
  readonly sources: Uint32Array;
  readonly firstChunk: Uint32Array;
  readonly chunkFrom: Float64Array;
  readonly chunkTo: Float64Array;
  /** Where the chunk's bytes begin, from the first chunk of the file on; one more than there are chunks. */
  readonly chunkAt: Float64Array;
  readonly chunkCrc: Uint32Array;
}

/** Reads an index; null when the bytes are none with so many series and chunks. */
export function decodeBlockIndex(
  bytes: Uint8Array,
  firstTime: Millis,
  counts: { readonly series: number; readonly chunks: number },
): BlockIndex | null {
  // A series takes at least three bytes, a chunk four: more cannot be there.
  if (counts.series * 3 > bytes.length || counts.chunks * 4 > bytes.length) return null;
  const source = new ByteSource();
  source.open(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length);
  const series = new WriteBatch();
  series.begin(bytes);
  const sources = new Uint32Array(counts.series);
  const firstChunk = new Uint32Array(counts.series + 1);
  const chunkFrom = new Float64Array(counts.chunks);
  const chunkTo = new Float64Array(counts.chunks);
  const chunkAt = new Float64Array(counts.chunks + 1);
  const chunkCrc = new Uint32Array(counts.chunks);
  let chunk = 0;
  for (let s = 0; s < counts.series; s += 1) {
    const length = source.varint();
    series.endSeries(source.at, source.at + length);
    source.at += length;
    sources[s] = source.varint();
    const count = source.varint();
    if (source.bad || chunk + count > counts.chunks) return null;
    for (const end = chunk + count; chunk < end; chunk += 1) {
      const from = firstTime + source.varint();
      chunkFrom[chunk] = from;
      chunkTo[chunk] = from + source.varint();
      chunkAt[chunk + 1] = (chunkAt[chunk] ?? 0) + source.varint();
      chunkCrc[chunk] = source.varint();
    }
    firstChunk[s + 1] = chunk;
  }
  if (source.bad || source.at !== bytes.length || chunk !== counts.chunks) return null;
  return { series, sources, firstChunk, chunkFrom, chunkTo, chunkAt, chunkCrc };
}
