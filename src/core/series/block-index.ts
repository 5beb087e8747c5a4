import type { Millis } from '../base/time.ts';
import { WriteBatch } from '../wire/write-batch.ts';
import { type ChunkPlaces, ChunkPlacesBuilder } from './chunk-places.ts';
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
  private readonly places: ChunkPlacesBuilder;

  constructor(firstTime: Millis) {
    this.firstTime = firstTime;
    this.places = new ChunkPlacesBuilder(firstTime, { rows: 0, chunks: 0 });
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
      this.places.add(from, bytes, crc);
    }
    this.places.endRow();
  }

  /** Where the chunks are that were added, as the reader of the index will have it. */
  chunkPlaces(): ChunkPlaces {
    return this.places.finish();
  }
}

/** The index of a block file as columns. */
export interface BlockIndex {
  /** The label bytes of the series, to be resolved; it has no samples. */
  readonly series: WriteBatch;
  readonly sources: Uint32Array;
  /** The time of the last sample of each series. */
  readonly newest: Float64Array;
  readonly places: ChunkPlaces;
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
  const newest = new Float64Array(counts.series);
  const places = new ChunkPlacesBuilder(firstTime, { rows: counts.series, chunks: counts.chunks });
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
      newest[s] = from + source.varint();
      places.add(from, source.varint(), source.varint());
    }
    places.endRow();
  }
  if (source.bad || source.at !== bytes.length || chunk !== counts.chunks) return null;
  return { series, sources, newest, places: places.finish() };
}
