import { closeSync, fdatasync, openSync, unlinkSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import type { Millis } from '../../../core/base/time.ts';
import { type BlockChunk, BlockIndexEncoder } from '../../../core/series/block-index.ts';
import type { Head } from '../../../core/series/head.ts';
import { ByteSink } from '../../../core/series/packed-ints.ts';
import { ROLLED_CHUNK_ROWS, RolledChunkEncoder } from '../../../core/series/tiers/rolled-chunk.ts';
import { RolledRows } from '../../../core/series/tiers/rolled-rows.ts';
import type { Pause } from '../block-writer.ts';
import { IndexPacker } from '../index-packer.ts';
import { TIER_MAGIC, type TierFooter } from './tier-file.ts';

const FLUSH_BYTES = 1 << 18;
/** Histograms are larger: less has to be read for a few of them. */
const CHUNK_HISTOGRAMS = 120;

const sync = promisify(fdatasync);

/** What a file of buckets is made of: those that `fill` appends for each series, in order, after `from` up to `to`. */
export interface TierFilePlan {
  readonly path: string;
  readonly every: Millis;
  readonly from: Millis;
  readonly to: Millis;
  readonly fill: TierFill;
}

/** Appends the buckets of a series as its steps are taken, in order; between two steps something else may have its turn. */
export type TierFill = (ref: number, out: RolledRows) => Iterator<void>;

/** Writes a file of buckets, synced and complete; false (and no file) when there was none. A file that could not be finished is removed. */
export async function writeTierFile(head: Head, plan: TierFilePlan, pause: Pause): Promise<boolean> {
  const file = new TierFileWriter(plan);
  try {
    const total = head.table.count;
    for (let ref = 0; ref < total; ref += 1) {
      const filling = file.fill(ref);
      while (filling.next().done !== true) {
        const resting = pause();
        if (resting !== null) await resting;
      }
      const pausing = file.addSeries(head, ref) ?? pause();
      if (pausing !== null) await pausing;
    }
    return await file.finish();
  } finally {
    file.release();
  }
}

class TierFileWriter {
  private readonly plan: TierFilePlan;
  private readonly fd: number;
  private readonly rows = new RolledRows(ROLLED_CHUNK_ROWS);
  private readonly encoder = new RolledChunkEncoder();
  private readonly sink = new ByteSink();
  private readonly index: BlockIndexEncoder;
  private readonly packer: IndexPacker;
  private readonly sources = new Map<string, number>();
  private written = 0;
  private series = 0;
  private chunks = 0;
  private buckets = 0;
  private complete = false;

  constructor(plan: TierFilePlan) {
    this.plan = plan;
    this.fd = openSync(plan.path, 'w', 0o600);
    this.index = new BlockIndexEncoder(plan.from);
    this.packer = new IndexPacker(this.index.sink);
    this.write(Buffer.from(TIER_MAGIC, 'latin1'));
  }

  /** Brings the buckets of a series; then it can be added. */
  fill(ref: number): Iterator<void> {
    this.rows.clear();
    return this.plan.fill(ref, this.rows);
  }

  /** Null, or what must be waited for before the next one. */
  addSeries(head: Head, ref: number): Promise<void> | null {
    const { rows } = this;
    if (rows.size === 0) return null;
    this.series += 1;
    this.buckets += rows.size;
    this.index.add(head.table.keyBytes(ref), this.sourceNumber(head.table.sourceName(ref)), this.encodeChunks());
    return this.packer.look();
  }

  async finish(): Promise<boolean> {
    if (this.series === 0) return false;
    this.flush();
    const { every, from, to } = this.plan;
    const { series, chunks, buckets: rows } = this;
    const packed = await this.packer.finish();
    const index = { indexAt: this.written, indexBytes: packed.length, indexCrc: crc32(packed) };
    const footer: TierFooter = { every, from, to, series, chunks, rows, sources: [...this.sources.keys()], ...index };
    const text = Buffer.from(JSON.stringify(footer));
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(text.length, 0);
    trailer.writeUInt32LE(crc32(text), 4);
    for (const bytes of [packed, text, trailer]) this.write(bytes);
    await sync(this.fd);
    this.complete = true;
    return true;
  }

  release(): void {
    this.packer.release();
    closeSync(this.fd);
    if (!this.complete) unlinkSync(this.plan.path);
  }

  private encodeChunks(): BlockChunk[] {
    const { rows, sink } = this;
    const chunks: BlockChunk[] = [];
    const size = rows.histograms.length > 0 ? CHUNK_HISTOGRAMS : ROLLED_CHUNK_ROWS;
    for (let from = 0; from < rows.size; from += size) {
      const to = Math.min(rows.size, from + size);
      const start = sink.at;
      this.encoder.encode(rows, from, to, sink);
      const crc = crc32(sink.bytes.subarray(start, sink.at));
      chunks.push({ from: rows.ends[from] ?? 0, to: rows.ends[to - 1] ?? 0, bytes: sink.at - start, crc });
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
