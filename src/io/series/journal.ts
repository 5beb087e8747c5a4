import { closeSync, fdatasync, ftruncateSync, mkdirSync, openSync, readdirSync, statSync, writevSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HeadRules } from '../../core/series/head.ts';
import { encodeFrame, encodeSegmentHeader, type JournalRecord, SEGMENT_HEADER_BYTES } from './journal-record.ts';

export interface JournalOptions {
  readonly folder: string;
  readonly rules: HeadRules;
  readonly segmentBytes: number;
  /** Segments up to this number are in blocks, also when they are gone: new ones come behind it. */
  readonly behind: number;
}

const NAME = /^(\d{8})\.log$/;

/** The segments of a journal folder, oldest first. */
export function listSegments(folder: string): { readonly number: number; readonly path: string; readonly bytes: number }[] {
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => ({ number: Number(NAME.exec(name)?.[1]), path: join(folder, name), bytes: statSync(join(folder, name)).size }));
}

/**
 * Append-only segments of request bodies. `append` returns after `write()`: what it took survives the death of the process; `sync` makes it
 * survive a power cut. A write that fails leaves no half record: the segment is cut back, or given up for the next.
 */
export class Journal {
  private readonly options: JournalOptions;
  private fd = -1;
  private number: number;
  private size = 0;
  private closed = new Map<number, number>();
  private dirty = false;
  private syncing: Promise<void> | null = null;
  private removing: Promise<unknown> = Promise.resolve();
  private readonly releasing = new Set<Promise<void>>();
  private failure: Error | null = null;
  private isFolderSynced = true;

  constructor(options: JournalOptions) {
    this.options = options;
    const segments = listSegments(options.folder);
    for (const segment of segments) this.closed.set(segment.number, segment.bytes);
    this.number = Math.max(options.behind, segments[segments.length - 1]?.number ?? 0);
  }

  /** Null when the record is written, else why not; it can be tried again. */
  append(record: JournalRecord): string | null {
    const frame = encodeFrame(record);
    const problem = this.write([frame, record.body]);
    if (problem === null && this.size >= this.options.segmentBytes) this.rotate();
    return problem;
  }

  /** Ends the segment; the number of the last one that is complete. */
  rotate(): number {
    if (this.fd >= 0) {
      this.closed.set(this.number, this.size);
      this.release(this.fd, this.size > SEGMENT_HEADER_BYTES ? 'matters' : 'empty');
      this.fd = -1;
      this.size = 0;
    }
    return this.number;
  }

  /** Deletes the complete segments up to this one, beside the thread: freeing the place of a large file takes long. */
  async remove(upTo: number): Promise<void> {
    const numbers = [...this.closed.keys()].filter((one) => one <= upTo);
    for (const number of numbers) this.closed.delete(number);
    // What cannot be deleted now is deleted by the next start.
    const removed = Promise.allSettled(numbers.map((number) => rm(this.path(number), { force: true })));
    this.removing = Promise.all([this.removing, removed]);
    await removed;
  }

  /** Everything appended before is on the medium when this resolves. Calls that come while one runs share the next. */
  async sync(): Promise<void> {
    while (this.syncing !== null) await this.syncing.catch(() => {});
    await Promise.all(this.releasing);
    if (this.failure !== null) throw this.takeFailure();
    if (!this.dirty || this.fd < 0) return;
    this.dirty = false;
    this.syncing = this.isFolderSynced ? synced(this.fd) : Promise.all([synced(this.fd), this.syncFolder()]).then(() => {});
    try {
      await this.syncing;
    } catch (error) {
      this.dirty = true;
      throw error;
    } finally {
      this.syncing = null;
    }
  }

  async close(): Promise<void> {
    this.rotate();
    await this.sync();
    await this.removing;
  }

  /** What all segments occupy. */
  get bytes(): number {
    let total = this.size;
    for (const size of this.closed.values()) total += size;
    return total;
  }

  get segments(): number {
    return this.closed.size + (this.fd >= 0 ? 1 : 0);
  }

  private write(parts: readonly Uint8Array[]): string | null {
    try {
      if (this.fd < 0) this.begin();
      const wanted = parts.reduce((sum, part) => sum + part.length, 0);
      const written = writevSync(this.fd, [...parts], this.size);
      if (written === wanted) {
        this.size += written;
        this.dirty = true;
        return null;
      }
      this.cutBack();
      return `only ${written} of ${wanted} bytes could be written`;
    } catch (error) {
      this.cutBack();
      return error instanceof Error ? error.message : String(error);
    }
  }

  private begin(): void {
    const number = this.number + 1;
    const fd = openSync(this.path(number), 'w', 0o600);
    try {
      const written = writevSync(fd, [encodeSegmentHeader(this.options.rules)], 0);
      if (written !== SEGMENT_HEADER_BYTES) throw new Error(`only ${written} of ${SEGMENT_HEADER_BYTES} bytes could be written`);
    } catch (error) {
      // On a full disk this is tried again and again, always with the same file.
      closeSync(fd);
      throw error;
    }
    this.number = number;
    this.fd = fd;
    this.isFolderSynced = false;
    this.size = SEGMENT_HEADER_BYTES;
  }

  private cutBack(): void {
    if (this.fd < 0) return;
    try {
      ftruncateSync(this.fd, this.size);
    } catch {
      this.rotate();
    }
  }

  /** A segment is brought to the medium before it is closed; the next sync waits for it and says when that failed. */
  private release(fd: number, content: 'matters' | 'empty'): void {
    this.dirty = false;
    const released = synced(fd)
      .catch((error: Error) => {
        if (content === 'matters') this.failure = error;
      })
      .finally(() => {
        closeSync(fd);
        this.releasing.delete(released);
      });
    this.releasing.add(released);
  }

  /** A new file is on the medium when its folder is, too. */
  private async syncFolder(): Promise<void> {
    this.isFolderSynced = true;
    const folder = openSync(this.options.folder, 'r');
    try {
      await synced(folder);
    } finally {
      closeSync(folder);
    }
  }

  private takeFailure(): Error {
    const { failure } = this;
    this.failure = null;
    return failure ?? new Error('not synced');
  }

  private path(number: number): string {
    return join(this.options.folder, `${String(number).padStart(8, '0')}.log`);
  }
}

function synced(fd: number): Promise<void> {
  return new Promise((done, failed) => {
    fdatasync(fd, (error) => (error === null ? done() : failed(error)));
  });
}
