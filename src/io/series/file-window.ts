import { readSync } from 'node:fs';
import { CHUNK_PADDING_BYTES } from '../../core/series/chunk.ts';
import type { ByteFile } from './cold-file.ts';

/** An open file, or the bytes of one that is compressed. */
export type Bytes = number | ByteFile;

const FIRST_REACH_BYTES = 16_384;
const READ_AHEAD_LIMIT = 1 << 20;

/** A part of a file in memory that moves along: who reads one series after the other finds the next ones there already. */
export class FileWindow {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  /** Where in the file it begins, and how much of it was read. */
  at = 0;
  size = 0;
  private reach = 0;
  private readonly file: Bytes;
  private readonly end: number;

  /** Nothing at or behind `end` is read. */
  constructor(file: Bytes, end: number) {
    this.file = file;
    this.end = end;
  }

  get memoryBytes(): number {
    return this.bytes.length;
  }

  /** Brings bytes of the file into the window. */
  load(at: number, size: number): void {
    if (at >= this.at && at + size <= this.at + this.size) return;
    const follows = this.size > 0 && at >= this.at && at <= this.at + this.size * 2;
    this.reach = follows ? Math.min(Math.max(this.reach * 2, FIRST_REACH_BYTES), READ_AHEAD_LIMIT) : 0;
    const wanted = Math.max(0, Math.min(Math.max(size, this.reach), this.end - at));
    if (this.bytes.length < wanted + CHUNK_PADDING_BYTES) {
      this.bytes = new Uint8Array(wanted + CHUNK_PADDING_BYTES);
      this.view = new DataView(this.bytes.buffer);
    }
    this.at = at;
    this.size = readInto(this.file, this.bytes.subarray(0, wanted), 0, at);
  }
}

function readInto(file: Bytes, into: Uint8Array, offset: number, at: number): number {
  const length = into.length - offset;
  return typeof file === 'number' ? readSync(file, into, offset, length, at) : file.read(into, offset, length, at);
}

/** Bytes of a file; fewer where it ends. */
export function readAt(fd: Bytes, at: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  let done = 0;
  while (done < bytes) {
    const got = readInto(fd, buffer, done, at + done);
    if (got === 0) break;
    done += got;
  }
  return buffer.subarray(0, done);
}
