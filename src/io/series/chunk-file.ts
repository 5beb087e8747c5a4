import { closeSync, fdatasync, openSync, unlinkSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import type { Millis } from '../../core/base/time.ts';
import { type BlockChunk, BlockIndexEncoder } from '../../core/series/block-index.ts';
import type { Head } from '../../core/series/head.ts';
import { ByteSink } from '../../core/series/packed-ints.ts';
import { IndexPacker } from './index-packer.ts';

const FLUSH_BYTES = 1 << 18;

const sync = promisify(fdatasync);

/** What the footer of every such file says. */
export interface ChunkFileFooter {
  readonly series: number;
  readonly chunks: number;
  readonly sources: readonly string[];
  readonly indexAt: number;
  readonly indexBytes: number;
  readonly indexCrc: number;
}

/**
 * A file of chunks that is being written, of samples or of buckets: magic, chunks series after series, index (zstd), footer (JSON), and at the very
 * end the length of the footer and its CRC-32.
 */
export class ChunkFile {
  /** Chunks are encoded into it. */
  readonly sink = new ByteSink();
  readonly index: BlockIndexEncoder;
  series = 0;
  private readonly path: string;
  private readonly fd: number;
  private readonly packer: IndexPacker;
  private readonly sources = new Map<string, number>();
  private pending: BlockChunk[] = [];
  private written = 0;
  private chunks = 0;
  private complete = false;

  /** `origin`: times in the index are relative to it. */
  constructor(path: string, origin: Millis) {
    this.path = path;
    this.fd = openSync(path, 'w', 0o600);
    this.index = new BlockIndexEncoder(origin);
    this.packer = new IndexPacker(this.index.sink);
  }

  begin(magic: string): void {
    this.write(Buffer.from(magic, 'latin1'));
  }

  /** What is in the sink from `start` on is a chunk, of these times, of the series that `endSeries` names. */
  endChunk(start: number, from: Millis, to: Millis): void {
    const { sink } = this;
    this.pending.push({ from, to, bytes: sink.at - start, crc: crc32(sink.bytes.subarray(start, sink.at)) });
  }

  /** Null, or what must be waited for before the next one. */
  endSeries(head: Head, ref: number): Promise<void> | null {
    const { pending } = this;
    this.pending = [];
    this.series += 1;
    this.chunks += pending.length;
    this.index.add(head.table.keyBytes(ref), this.sourceNumber(head.table.sourceName(ref)), pending);
    if (this.sink.at >= FLUSH_BYTES) this.flush();
    return this.packer.look();
  }

  /** Completes and syncs the file; its footer. */
  async finish<F extends object>(own: F): Promise<F & ChunkFileFooter> {
    this.flush();
    const { series, chunks } = this;
    const packed = await this.packer.finish();
    const index = { indexAt: this.written, indexBytes: packed.length, indexCrc: crc32(packed) };
    const footer = { ...own, series, chunks, sources: [...this.sources.keys()], ...index };
    const text = Buffer.from(JSON.stringify(footer));
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(text.length, 0);
    trailer.writeUInt32LE(crc32(text), 4);
    for (const bytes of [packed, text, trailer]) this.write(bytes);
    await sync(this.fd);
    this.complete = true;
    return footer;
  }

  /** Closes the file, and removes one that is not complete. */
  release(): void {
    this.packer.release();
    closeSync(this.fd);
    if (!this.complete) unlinkSync(this.path);
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
