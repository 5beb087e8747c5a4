import { DAY, SECOND, type Millis } from '../../core/base/time.ts';
import type { Clock } from '../clock.ts';
import type { Files, OpenFile } from '../files.ts';
import type { Log } from '../log.ts';
import { encodeFrame, HEADER_BYTES, MOST_PAYLOAD_BYTES, type Waiting } from './frame.ts';
import { loadSegments, readFrame, type Segment, segmentPath, soundLength } from './segments.ts';

export interface SpoolLimits {
  readonly bytes: number;
  readonly age: Millis;
  /** What may wait in memory while the disk cannot be written. */
  readonly memoryBytes: number;
  /** `drop`: the oldest batches make room for new ones. `refuse`: what is full, or cannot be written to disk, takes nothing more. */
  readonly whenFull: 'drop' | 'refuse';
}

/** What became of a batch: it waits in the file, it was given up as too large, or the spool has no room for it. */
export type Taken = 'taken' | 'too-large' | 'full' | 'unwritable';

const DEFAULT_SPOOL_LIMITS: SpoolLimits = { bytes: 1 << 30, age: DAY, memoryBytes: 4 << 20, whenFull: 'drop' };

export interface SpoolState {
  /** What waits, on disk and in memory. */
  readonly bytes: number;
  /** What was given up since the start because it was too old or too much, or was damaged. */
  readonly droppedBytes: number;
  readonly diskFailures: number;
}

interface SpoolDoors {
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
}

const LARGEST_SEGMENT = 1 << 20;
const SMALLEST_SEGMENT = 4 << 10;
const SEGMENTS_AT_CAP = 16;

/**
 * Batches on their way to a server, first in, first out. Each is on disk before anything else happens to it, so a killed process loses
 * nothing; a batch that is delivered quickly never reaches the medium, because its file is cut again before the system writes it back. At
 * most one batch is in memory. When the disk fails, a bounded number of batches waits in memory instead, or is refused. Calls may overlap;
 * they are done one after the other.
 */
export class Spool {
  readonly #folder: string;
  readonly #doors: SpoolDoors;
  readonly #limits: SpoolLimits;
  readonly #segmentBytes: number;
  #segments: Segment[] = [];
  /** Where the oldest batch begins, within the first segment. */
  #position = 0;
  /** The oldest batch, and where the one after it begins. Null `next`: it is in memory. */
  #first: { waiting: Waiting; next: number | null } | null = null;
  #writer: { segment: Segment; file: OpenFile } | null = null;
  #reader: { segment: Segment; file: OpenFile } | null = null;
  #memory: Waiting[] = [];
  #memoryBytes = 0;
  #droppedBytes = 0;
  #diskFailures = 0;
  #hasCursor = false;
  #cursorAt: Millis = Number.NEGATIVE_INFINITY;
  #syncedAt: Millis = Number.NEGATIVE_INFINITY;
  #turn: Promise<unknown> = Promise.resolve();
  #arrived: (() => void)[] = [];

  constructor(folder: string, doors: SpoolDoors, limits: SpoolLimits = DEFAULT_SPOOL_LIMITS) {
    this.#folder = folder;
    this.#doors = doors;
    this.#limits = limits;
    this.#segmentBytes = Math.max(SMALLEST_SEGMENT, Math.min(LARGEST_SEGMENT, Math.floor(limits.bytes / SEGMENTS_AT_CAP)));
  }

  /** Finds what an earlier process left. A folder that cannot be used is told, and the spool works in memory. */
  open(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.#doors.files.makeFolder(this.#folder);
        this.#segments = await loadSegments(this.#doors.files, this.#folder);
        await this.#mendLast();
        await this.#loadCursor();
      } catch (error) {
        this.#diskFailed('open', error);
      }
    });
  }

  /** Takes a batch; it is in the file (though perhaps not on the medium) when this resolves to `taken`. */
  append(waiting: Waiting): Promise<Taken> {
    return this.#inTurn(async () => {
      const size = waiting.payload.length + HEADER_BYTES;
      if (waiting.payload.length > MOST_PAYLOAD_BYTES) {
        this.#droppedBytes += waiting.payload.length;
        return 'too-large';
      }
      const isBehind = this.#bytes() > 0;
      const refuses = this.#limits.whenFull === 'refuse';
      if (refuses && this.#bytes() + size > this.#limits.bytes) return 'full';
      if (refuses) {
        if (!(await this.#appendToDisk(waiting))) return 'unwritable';
      } else {
        this.#memory.push(waiting);
        this.#memoryBytes += size;
        await this.#moveToDisk();
        this.#boundMemory();
      }
      if (isBehind) await this.#syncSometimes();
      await this.#dropOldest();
      for (const arrived of this.#arrived.splice(0)) arrived();
      return 'taken';
    });
  }

  /** The oldest batch that is still worth delivering; it stays until `drop`. Null: nothing waits. */
  peek(): Promise<Waiting | null> {
    return this.#inTurn(async () => {
      await this.#dropOldest();
      for (;;) {
        this.#first ??= await this.#readFirst();
        if (this.#first === null) return null;
        if (this.#first.waiting.at >= this.#doors.clock.now() - this.#limits.age) return this.#first.waiting;
        this.#droppedBytes += this.#first.waiting.payload.length;
        await this.#forgetFirst();
      }
    });
  }

  /** Forgets the batch that was peeked last: it is delivered, or refused for good. */
  drop(): Promise<void> {
    return this.#inTurn(() => this.#forgetFirst());
  }

  /** Puts what waits on the medium, at most once a second: for when the server seems to be away. */
  sync(): Promise<void> {
    return this.#inTurn(() => this.#syncSometimes());
  }

  /** Resolves when a batch is there to peek, or when the signal aborts. */
  async arrival(signal: AbortSignal): Promise<void> {
    if (signal.aborted || (await this.peek()) !== null) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      signal.addEventListener('abort', done, { once: true });
      this.#arrived.push(done);
      if (this.#bytes() > 0) done();
    });
  }

  state(): SpoolState {
    return { bytes: this.#bytes(), droppedBytes: this.#droppedBytes, diskFailures: this.#diskFailures };
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#bytes() > 0) await this.#syncSometimes();
      await this.#reader?.file.close();
      await this.#writer?.file.close();
      this.#reader = null;
      this.#writer = null;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  #bytes(): number {
    const onDisk = this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
    return Math.max(0, onDisk - this.#position) + this.#memoryBytes;
  }

  #diskFailed(what: string, error: unknown): void {
    this.#diskFailures += 1;
    const log = this.#diskFailures === 1 || this.#diskFailures % 1_000 === 0 ? 'error' : 'debug';
    this.#doors.log[log]('the spool on disk failed', { what, folder: this.#folder, why: error });
  }

  /** Cuts off what a crash left half-written at the end of the last segment. */
  async #mendLast(): Promise<void> {
    const last = this.#segments.at(-1);
    if (last === undefined) return;
    const file = await this.#doors.files.open(last.path, 'append');
    const sound = await soundLength(file);
    if (sound < last.sizeBytes) {
      this.#droppedBytes += last.sizeBytes - sound;
      await file.truncate(sound);
      last.sizeBytes = sound;
    }
    this.#writer = { segment: last, file };
  }

  /** The cursor says which segment was read up to where. It is only a hint: without it, batches are delivered a second time. */
  async #loadCursor(): Promise<void> {
    const path = `${this.#folder}/cursor`;
    if ((await this.#doors.files.state(path)) === null) return;
    this.#hasCursor = true;
    const [number, position] = (await this.#doors.files.readText(path, 100)).split(' ').map(Number);
    const segment = this.#segments[0];
    if (segment === undefined || segment.number !== number || position === undefined) return;
    if (position <= segment.sizeBytes) this.#position = position;
  }

  async #saveCursor(): Promise<void> {
    const segment = this.#segments[0];
    const now = this.#doors.clock.elapsed();
    if (segment === undefined || now - this.#cursorAt < SECOND) return;
    this.#cursorAt = now;
    this.#hasCursor = true;
    await this.#doors.files.writeWhole(`${this.#folder}/cursor`, Buffer.from(`${segment.number} ${this.#position}\n`));
  }

  async #appendToDisk(waiting: Waiting): Promise<boolean> {
    try {
      const frame = encodeFrame(waiting);
      if (this.#writer === null || this.#writer.segment.sizeBytes + frame.length > this.#segmentBytes) await this.#nextSegment();
      if (this.#writer === null) return false;
      const { segment, file } = this.#writer;
      await file.append(frame);
      segment.sizeBytes = file.sizeBytes();
      segment.writtenAt = this.#doors.clock.now();
      return true;
    } catch (error) {
      this.#diskFailed('append', error);
      return false;
    }
  }

  async #nextSegment(): Promise<void> {
    const before = this.#writer;
    if (before !== null && before.segment.sizeBytes === 0) return;
    const number = (this.#segments.at(-1)?.number ?? 0) + 1;
    const path = segmentPath(this.#folder, number);
    const file = await this.#doors.files.open(path, 'append');
    await file.truncate(0);
    const segment: Segment = { number, path, sizeBytes: 0, writtenAt: this.#doors.clock.now() };
    this.#segments.push(segment);
    this.#writer = { segment, file };
    if (before !== null) {
      await before.file.sync();
      await before.file.close();
    }
  }

  /** A batch of which a delivery is under way may move too; then it is delivered a second time. */
  async #moveToDisk(): Promise<void> {
    for (;;) {
      const [oldest] = this.#memory;
      if (oldest === undefined || !(await this.#appendToDisk(oldest))) return;
      this.#forgetMemory();
      if (this.#first?.next === null) this.#first = null;
    }
  }

  #forgetMemory(): void {
    const oldest = this.#memory.shift();
    if (oldest !== undefined) this.#memoryBytes -= oldest.payload.length + HEADER_BYTES;
  }

  #boundMemory(): void {
    while (this.#memoryBytes > this.#limits.memoryBytes && this.#memory.length > 1) {
      this.#droppedBytes += this.#memory[0]?.payload.length ?? 0;
      this.#forgetMemory();
      if (this.#first?.next === null) this.#first = null;
    }
  }

  async #syncSometimes(): Promise<void> {
    const now = this.#doors.clock.elapsed();
    if (this.#writer === null || now - this.#syncedAt < SECOND) return;
    this.#syncedAt = now;
    try {
      await this.#writer.file.sync();
    } catch (error) {
      this.#diskFailed('sync', error);
    }
  }

  /** Gives up whole segments, oldest first, that are beyond the bounds of size and age. The newest always stays. */
  async #dropOldest(): Promise<void> {
    const oldest = this.#doors.clock.now() - this.#limits.age;
    for (;;) {
      const [first, second] = this.#segments;
      if (first === undefined || second === undefined) return;
      if (this.#bytes() <= this.#limits.bytes && first.writtenAt >= oldest) return;
      this.#droppedBytes += first.sizeBytes - this.#position;
      if (this.#first?.next !== null) this.#first = null;
      await this.#leaveSegment(first);
    }
  }

  async #readFirst(): Promise<{ waiting: Waiting; next: number | null } | null> {
    try {
      for (;;) {
        const [segment, second] = this.#segments;
        if (segment === undefined || (second === undefined && this.#position >= segment.sizeBytes)) break;
        const frame = this.#position < segment.sizeBytes ? await this.#readAt(segment) : null;
        if (frame !== null) return frame;
        // At its end, or damaged from here on.
        this.#droppedBytes += Math.max(0, segment.sizeBytes - this.#position);
        if (second === undefined) await this.#startOver(segment);
        else await this.#leaveSegment(segment);
      }
    } catch (error) {
      this.#diskFailed('read', error);
    }
    const [waiting] = this.#memory;
    return waiting === undefined ? null : { waiting, next: null };
  }

  async #readAt(segment: Segment): Promise<{ waiting: Waiting; next: number } | null> {
    if (this.#writer?.segment === segment) return readFrame(this.#writer.file, this.#position);
    if (this.#reader?.segment !== segment) {
      await this.#reader?.file.close();
      this.#reader = { segment, file: await this.#doors.files.open(segment.path, 'read') };
    }
    return readFrame(this.#reader.file, this.#position);
  }

  async #forgetFirst(): Promise<void> {
    const first = this.#first;
    this.#first = null;
    if (first === null) return;
    if (first.next === null) {
      this.#forgetMemory();
      return;
    }
    this.#position = first.next;
    const [segment, second] = this.#segments;
    if (segment === undefined) return;
    try {
      if (this.#position >= segment.sizeBytes && second === undefined) await this.#startOver(segment);
      else if (this.#position >= segment.sizeBytes) await this.#leaveSegment(segment);
      else await this.#saveCursor();
    } catch (error) {
      this.#diskFailed('forget', error);
    }
  }

  /** Everything is delivered: the only segment is emptied and written again from its beginning. First the cursor, which would point into it. */
  async #startOver(segment: Segment): Promise<void> {
    if (this.#hasCursor) await this.#doors.files.remove(`${this.#folder}/cursor`);
    this.#hasCursor = false;
    if (this.#writer?.segment === segment) await this.#writer.file.truncate(0);
    else await this.#doors.files.remove(segment.path);
    segment.sizeBytes = 0;
    this.#position = 0;
  }

  async #leaveSegment(segment: Segment): Promise<void> {
    this.#segments.shift();
    this.#position = 0;
    if (this.#reader?.segment === segment) {
      await this.#reader.file.close();
      this.#reader = null;
    }
    await this.#doors.files.remove(segment.path);
  }
}
