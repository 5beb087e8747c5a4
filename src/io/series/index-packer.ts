import { constants, createZstdCompress, type ZstdCompress, zstdCompress } from 'node:zlib';
import { promisify } from 'node:util';
import type { ByteSink } from '../../core/series/packed-ints.ts';

const PIECE_BYTES = 1 << 18;
const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 6 } };

const compress = promisify(zstdCompress);

/** Compresses an index while it is made: as a whole it would take more memory than all that is written besides. */
export class IndexPacker {
  private readonly sink: ByteSink;
  private stream: ZstdCompress | null = null;
  private room: Uint8Array = new Uint8Array(0);
  private readonly packed: Buffer[] = [];
  private packing: Promise<void> = Promise.resolve();

  /** The sink is emptied now and then. */
  constructor(sink: ByteSink) {
    this.sink = sink;
  }

  /** Call it when something was added; null unless that is much, or waits for what was added before. */
  look(): Promise<void> | null {
    return this.sink.at < PIECE_BYTES ? null : this.pass();
  }

  /** The whole index, compressed. */
  async finish(): Promise<Buffer> {
    const { sink } = this;
    if (this.stream === null) return compress(sink.bytes.subarray(0, sink.at), OPTIONS);
    const { stream } = this;
    const ended = new Promise<void>((done, failed) => stream.on('end', done).on('error', failed));
    // Who waits for the last piece hears of it first.
    ended.catch(() => {});
    await this.pass();
    await this.packing;
    stream.end();
    await ended;
    return Buffer.concat(this.packed);
  }

  /** Lets go of what was not finished. */
  release(): void {
    this.stream?.destroy();
  }

  private async pass(): Promise<void> {
    const { sink } = this;
    await this.packing;
    if (this.room.length < sink.at) this.room = new Uint8Array(sink.at * 1.5);
    this.room.set(sink.bytes.subarray(0, sink.at));
    const piece = this.room.subarray(0, sink.at);
    sink.at = 0;
    const stream = this.stream ?? this.open();
    this.packing = new Promise((done, failed) => {
      stream.write(piece, (error) => (error === null || error === undefined ? done() : failed(error)));
    });
    this.packing.catch(() => {});
  }

  private open(): ZstdCompress {
    const stream = createZstdCompress(OPTIONS);
    stream.on('data', (bytes: Buffer) => this.packed.push(bytes));
    stream.on('error', () => {});
    this.stream = stream;
    return stream;
  }
}
