import { closeSync, fdatasync, openSync, unlinkSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import type { Millis } from '../../core/base/time.ts';
import { type BlockChunk, BlockIndexEncoder } from '../../core/series/block-index.ts';
import { CHUNK_SAMPLES_LIMIT, ChunkEncoder } from '../../core/series/chunk.ts';
import { Columns } from '../../core/series/columns.ts';
import type { Head, SamplePart } from '../../core/series/head.ts';
import { ByteSink } from '../../core/series/packed-ints.ts';
import { grown } from '../../core/wire/grown.ts';
import { BLOCK_MAGIC, type WrittenBlock } from './block-file.ts';
import { IndexPacker } from './index-packer.ts';

/** Two hours at the usual step of 15 s: long enough to compress well, short enough to read a part of. */
const CHUNK_SAMPLES = 480;
/** Where a series has many samples its chunks are longer, because what is known of each chunk is kept in memory. */
const FEW_CHUNKS = 4;
/** Histograms are larger: less has to be read for a few of them. */
const CHUNK_HISTOGRAMS = 120;
const FLUSH_BYTES = 1 << 18;

const sync = promisify(fdatasync);

/** What a block is made of: the samples of some parts between two times, `to` excluded. */
export interface BlockPlan {
  readonly path: string;
  readonly parts: readonly SamplePart[];
  readonly from: Millis;
  readonly to: Millis;
}

/** Called between series: gives way to what waits when enough time has gone. */
export type Pause = () => Promise<void> | null;

/**
 * Writes a block file, synced and complete, and gives what is known of it; null (and no file) when there was no sample. A file that could not be
 * finished is removed.
 */
export async function writeBlock(head: Head, plan: BlockPlan, pause: Pause): Promise<WrittenBlock | null> {
  const file = new BlockFile(plan);
  try {
    file.begin();
    const total = head.table.count;
    for (let ref = 0; ref < total; ref += 1) {
      const pausing = file.addSeries(head, ref) ?? pause();
      if (pausing !== null) await pausing;
    }
    return await file.finish();
  } finally {
    file.release();
  }
}

class BlockFile {
  private readonly plan: BlockPlan;
  private readonly fd: number;
  private readonly columns = new Columns(CHUNK_SAMPLES * 4);
  private readonly encoder = new ChunkEncoder();
  private readonly sink = new ByteSink();
  private readonly index: BlockIndexEncoder;
  private readonly packer: IndexPacker;
  private readonly sources = new Map<string, number>();
  private refs: Uint32Array = new Uint32Array(1024);
  private written = 0;
  private series = 0;
  private chunks = 0;
  private samples = 0;
  private minTime = Number.POSITIVE_INFINITY;
  private maxTime = Number.NEGATIVE_INFINITY;
  private complete = false;

  constructor(plan: BlockPlan) {
    this.plan = plan;
    this.fd = openSync(plan.path, 'w', 0o600);
    this.index = new BlockIndexEncoder(plan.from);
    this.packer = new IndexPacker(this.index.sink);
  }

  begin(): void {
    this.write(Buffer.from(BLOCK_MAGIC, 'latin1'));
  }

  /** Null, or what must be waited for before the next one. */
  addSeries(head: Head, ref: number): Promise<void> | null {
    const { columns, plan } = this;
    columns.clear();
    for (const part of plan.parts) if (part.has(ref)) part.read(ref, plan.from, plan.to - 1, columns);
    if (columns.size === 0) return null;
    columns.sort();
    columns.clip(plan.from, plan.to - 1);
    if (columns.size === 0) return null;
    if (this.series === this.refs.length) this.refs = grown(this.refs, new Uint32Array(this.series * 2));
    this.refs[this.series] = ref;
    this.series += 1;
    this.samples += columns.size;
    this.minTime = Math.min(this.minTime, columns.times[0] ?? 0);
    this.maxTime = Math.max(this.maxTime, columns.times[columns.size - 1] ?? 0);
    this.index.add(head.table.keyBytes(ref), this.sourceNumber(head.table.sourceName(ref)), this.encodeChunks());
    return this.packer.look();
  }

  async finish(): Promise<WrittenBlock | null> {
    if (this.series === 0) return null;
    this.flush();
    const { minTime, maxTime, series, chunks, samples } = this;
    const packed = await this.packer.finish();
    const indexAt = this.written;
    const origin = this.plan.from;
    const sources = [...this.sources.keys()];
    const index = { indexAt, indexBytes: packed.length, indexCrc: crc32(packed) };
    const footer = { origin, minTime, maxTime, series, chunks, samples, sources, ...index };
    const text = Buffer.from(JSON.stringify(footer));
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(text.length, 0);
    trailer.writeUInt32LE(crc32(text), 4);
    this.write(packed);
    this.write(text);
    this.write(trailer);
    await sync(this.fd);
    this.complete = true;
    return { footer, refs: this.refs.slice(0, series), places: this.index.chunkPlaces() };
  }

  release(): void {
    this.packer.release();
    closeSync(this.fd);
    if (!this.complete) unlinkSync(this.plan.path);
  }

  private encodeChunks(): BlockChunk[] {
    const { columns, sink } = this;
    const chunks: BlockChunk[] = [];
    const size = columns.histograms.length > 0 ? CHUNK_HISTOGRAMS : chunkSamples(columns.size);
    for (let from = 0; from < columns.size; from += size) {
      const to = Math.min(columns.size, from + size);
      const start = sink.at;
      this.encoder.encode(columns, from, to, sink);
      const bytes = sink.at - start;
      const crc = crc32(sink.bytes.subarray(start, sink.at));
      chunks.push({ from: columns.times[from] ?? 0, to: columns.times[to - 1] ?? 0, bytes, crc });
    }
    this.chunks += chunks.length;
    if (sink.at >= FLUSH_BYTES) this.flush();
    return chunks;
  }

  private sourceNumber(source: string): number {
    const known = this.sources.get(source);
    if (known !== undefined) return known;
    this.sources.set(source, this.sources.size);
    return this.sources.size - 1;
  }

  private flush(): void {
    this.write(this.sink.bytes.subarray(0, this.sink.at));
    this.sink.at = 0;
  }

  private write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.fd, bytes, done);
    this.written += bytes.length;
  }
}

function chunkSamples(samples: number): number {
  return Math.min(Math.max(Math.ceil(samples / FEW_CHUNKS), CHUNK_SAMPLES), CHUNK_SAMPLES_LIMIT);
}
