import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { constants, crc32, zstdCompress, zstdDecompressSync } from 'node:zlib';
import { pauses } from './pauses.ts';

/** The bytes of a block file that are not simply in a file. */
export interface ByteFile {
  /** How many bytes there are, and how many they occupy. */
  readonly size: number;
  readonly stored: number;
  /** Reads from a place on; fewer bytes than asked for at the end, and where they cannot be read. */
  read(into: Uint8Array, offset: number, length: number, at: number): number;
  close(): void;
}

/** Magic, frames (zstd) of so many bytes each, a table (JSON), and at the very end its length and its CRC-32. */
const MAGIC = 'TOCSINC1';
/** So the message begins when a copy cannot be read. */
export const DAMAGED = 'damaged';
const FRAME_BYTES = 256 << 10;
const TRAILER_BYTES = 8;
const TABLE_LIMIT_BYTES = 16 << 20;
/** Frames of all files that are kept decompressed: 16 MiB. */
const CACHED_FRAMES = 64;

interface Table {
  readonly size: number;
  /** Where each frame ends. */
  readonly ends: readonly number[];
}

const compress = promisify(zstdCompress);
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 6 } };
const frames = new Map<string, Uint8Array>();
let opened = 0;

/** Writes a synced copy: compressed when that makes it smaller, else as it is. Whether it is compressed. */
export async function writeCold(from: string, to: string): Promise<boolean> {
  const source = openSync(from, 'r');
  const target = openSync(to, 'w', 0o600);
  try {
    const { size } = fstatSync(source);
    if ((await copyFrames(source, target, size)) < size) return true;
    await copyPlain(source, target, size);
    return false;
  } finally {
    closeSync(source);
    try {
      fsyncSync(target);
    } finally {
      closeSync(target);
    }
  }
}

/** Writes a synced copy as it was before it became cold; throws when it cannot be read to its end. */
export async function writeWarm(from: string, to: string): Promise<void> {
  const source = openReadable(from);
  try {
    const target = openSync(to, 'w', 0o600);
    try {
      const buffer = Buffer.alloc(FRAME_BYTES);
      const pause = pauses();
      for (let at = 0; at < source.size; ) {
        const got = source.read(buffer, 0, FRAME_BYTES, at);
        if (got === 0) throw new Error(`${DAMAGED}: of ${source.size} bytes those from ${at} on cannot be read`);
        at = write(target, buffer.subarray(0, got), at);
        const pausing = pause();
        if (pausing !== null) await pausing;
      }
      fsyncSync(target);
    } finally {
      closeSync(target);
    }
  } finally {
    source.close();
  }
}

function openReadable(path: string): ByteFile {
  try {
    return openCold(path);
  } catch (error) {
    throw new Error(`${DAMAGED}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Opens a copy, compressed or not. Throws what the system says when it cannot be opened. */
export function openCold(path: string): ByteFile {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const table = readTable(fd, size);
    return table === null ? new PlainFile(fd, size) : new FramedFile(fd, size, table);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

class PlainFile implements ByteFile {
  readonly size: number;
  readonly stored: number;
  private readonly fd: number;

  constructor(fd: number, size: number) {
    this.fd = fd;
    this.size = size;
    this.stored = size;
  }

  read(into: Uint8Array, offset: number, length: number, at: number): number {
    try {
      return readSync(this.fd, into, offset, length, at);
    } catch {
      // The folder may be away for a while: what cannot be read is missing from answers, and counted.
      return 0;
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}

class FramedFile implements ByteFile {
  readonly size: number;
  readonly stored: number;
  private readonly fd: number;
  private readonly ends: readonly number[];
  private readonly id: number;

  constructor(fd: number, stored: number, { size, ends }: Table) {
    this.fd = fd;
    this.stored = stored;
    this.size = size;
    this.ends = ends;
    opened += 1;
    this.id = opened;
  }

  read(into: Uint8Array, offset: number, length: number, at: number): number {
    let done = 0;
    while (done < length && at + done < this.size) {
      const place = at + done;
      const frame = this.frame(Math.floor(place / FRAME_BYTES));
      const piece = frame.subarray(place % FRAME_BYTES, (place % FRAME_BYTES) + length - done);
      if (piece.length === 0) break;
      into.set(piece, offset + done);
      done += piece.length;
    }
    return done;
  }

  close(): void {
    closeSync(this.fd);
  }

  private frame(index: number): Uint8Array {
    const key = `${this.id}/${index}`;
    const known = frames.get(key);
    frames.delete(key);
    const bytes = known ?? this.decompress(index);
    frames.set(key, bytes);
    for (const [oldest] of frames) {
      if (frames.size <= CACHED_FRAMES) break;
      frames.delete(oldest);
    }
    return bytes;
  }

  private decompress(index: number): Uint8Array {
    const from = index === 0 ? MAGIC.length : (this.ends[index - 1] ?? 0);
    const packed = Buffer.alloc(Math.max(0, (this.ends[index] ?? 0) - from));
    try {
      readSync(this.fd, packed, 0, packed.length, from);
      return zstdDecompressSync(packed, { maxOutputLength: FRAME_BYTES });
    } catch {
      return new Uint8Array(0);
    }
  }
}

async function copyFrames(source: number, target: number, size: number): Promise<number> {
  const buffer = Buffer.alloc(FRAME_BYTES);
  const ends: number[] = [];
  let at = write(target, Buffer.from(MAGIC, 'latin1'), 0);
  for (let from = 0; from < size; from += FRAME_BYTES) {
    const length = readSync(source, buffer, 0, FRAME_BYTES, from);
    at = write(target, await compress(buffer.subarray(0, length), LEVEL), at);
    ends.push(at);
  }
  const table = Buffer.from(JSON.stringify({ size, ends } satisfies Table));
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeUInt32LE(table.length, 0);
  trailer.writeUInt32LE(crc32(table), 4);
  return write(target, trailer, write(target, table, at));
}

async function copyPlain(source: number, target: number, size: number): Promise<void> {
  ftruncateSync(target, 0);
  const buffer = Buffer.alloc(FRAME_BYTES);
  const pause = pauses();
  for (let at = 0; at < size; ) {
    at = write(target, buffer.subarray(0, readSync(source, buffer, 0, FRAME_BYTES, at)), at);
    const pausing = pause();
    if (pausing !== null) await pausing;
  }
}

/** Where the next byte goes. */
function write(fd: number, bytes: Uint8Array, at: number): number {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, at + done);
  return at + bytes.length;
}

/** Null when the file is not compressed; a damaged table is a file of no use. */
function readTable(fd: number, size: number): Table | null {
  const magic = Buffer.alloc(MAGIC.length);
  readSync(fd, magic, 0, magic.length, 0);
  if (magic.toString('latin1') !== MAGIC) return null;
  const trailer = Buffer.alloc(TRAILER_BYTES);
  readSync(fd, trailer, 0, TRAILER_BYTES, Math.max(0, size - TRAILER_BYTES));
  const length = trailer.readUInt32LE(0);
  if (length > TABLE_LIMIT_BYTES || length > size - TRAILER_BYTES) throw new Error('the end of the file is damaged');
  const text = Buffer.alloc(length);
  readSync(fd, text, 0, length, size - TRAILER_BYTES - length);
  if (crc32(text) !== trailer.readUInt32LE(4)) throw new Error('the table of the file is damaged');
  return JSON.parse(text.toString()) as Table;
}
