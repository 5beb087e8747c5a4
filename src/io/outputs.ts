import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Millis } from '../core/base/time.ts';

export type OutputStream = 'stdout' | 'stderr' | 'note';

/** A piece of a run's output. `offset` counts the bytes of all streams before it. */
export interface OutputPiece {
  readonly offset: number;
  readonly at: Millis;
  readonly stream: OutputStream;
  readonly bytes: Uint8Array;
}

/** The outputs of runs, one file each; what was appended survives the death of the process. */
export interface Outputs {
  /** Gives the length afterwards. Bytes that are there already are passed over; a piece after a gap is not taken. */
  append(run: string, piece: OutputPiece): Promise<number>;
  length(run: string): Promise<number>;
  /** The next pieces from exactly this byte on, about `limitBytes` of them; empty where there is nothing (yet). */
  read(run: string, from: number, limitBytes: number): Promise<readonly OutputPiece[]>;
  /** Calls back after something was appended. */
  watch(run: string, listener: () => void): () => void;
  remove(run: string): Promise<void>;
  close(): Promise<void>;
}

const STREAMS: readonly OutputStream[] = ['stdout', 'stderr', 'note'];
/** A frame: length of the bytes (4), stream (1), moment (8), then the bytes. */
const HEAD_BYTES = 13;
const MOST_FRAME_BYTES = 1 << 20;
/** A mark in memory for so many bytes of output: reading begins at the mark before. */
const MARK_EVERY = 64 << 10;
/** Files kept open; the one used longest ago is closed. */
const MOST_OPEN = 64;

interface Mark {
  readonly offset: number;
  readonly position: number;
}

interface Opened {
  readonly handle: number;
  /** Bytes of output. */
  length: number;
  /** Bytes of the file. */
  size: number;
  readonly marks: Mark[];
}

/** Opens the outputs in a folder, which is made when it is missing. */
export async function openOutputs(folder: string): Promise<Outputs> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const opened = new Map<string, Opened>();
  const listeners = new Map<string, Set<() => void>>();

  const find = (run: string, mode: 'read' | 'append'): Opened | null => {
    const known = opened.get(run);
    if (known !== undefined) {
      opened.delete(run);
      opened.set(run, known);
      return known;
    }
    const path = join(folder, fileName(run));
    if (mode === 'read' && !existsSync(path)) return null;
    const fresh = scan(openSync(path, 'a+', 0o600));
    opened.set(run, fresh);
    for (const [oldest, file] of opened) {
      if (opened.size <= MOST_OPEN) break;
      closeSync(file.handle);
      opened.delete(oldest);
    }
    return fresh;
  };

  return {
    append: async (run, piece) => {
      const file = find(run, 'append');
      if (file === null || piece.offset > file.length) return file?.length ?? 0;
      const known = file.length - piece.offset;
      const bytes = piece.bytes.subarray(known);
      if (bytes.length === 0) return file.length;
      write(file, { ...piece, bytes });
      for (const listener of listeners.get(run) ?? []) listener();
      return file.length;
    },
    length: async (run) => find(run, 'read')?.length ?? 0,
    read: async (run, from, limitBytes) => {
      const file = find(run, 'read');
      return file === null ? [] : read(file, from, limitBytes);
    },
    watch: (run, listener) => {
      const mine = listeners.get(run) ?? new Set();
      listeners.set(run, mine.add(listener));
      return () => {
        mine.delete(listener);
        if (mine.size === 0) listeners.delete(run);
      };
    },
    remove: async (run) => {
      const file = opened.get(run);
      if (file !== undefined) closeSync(file.handle);
      opened.delete(run);
      rmSync(join(folder, fileName(run)), { force: true });
    },
    close: async () => {
      for (const file of opened.values()) closeSync(file.handle);
      opened.clear();
    },
  };
}

/** A run's id becomes a name without any way out of the folder. */
function fileName(run: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/.test(run)) throw new Error('no id of a run');
  return `${run}.out`;
}

/** Walks over the frames; a torn last one, from a write that death interrupted, is cut off. */
function scan(handle: number): Opened {
  const { size } = fstatSync(handle);
  const file: Opened = { handle, length: 0, size: 0, marks: [{ offset: 0, position: 0 }] };
  const head = Buffer.alloc(HEAD_BYTES);
  while (file.size + HEAD_BYTES <= size) {
    readSync(handle, head, 0, HEAD_BYTES, file.size);
    const bytes = head.readUInt32LE(0);
    if (bytes === 0 || bytes > MOST_FRAME_BYTES || file.size + HEAD_BYTES + bytes > size) break;
    pass(file, bytes);
  }
  if (file.size < size) ftruncateSync(handle, file.size);
  return file;
}

function pass(file: Opened, bytes: number): void {
  file.size += HEAD_BYTES + bytes;
  file.length += bytes;
  if (file.length - (file.marks.at(-1)?.offset ?? 0) >= MARK_EVERY) file.marks.push({ offset: file.length, position: file.size });
}

function write(file: Opened, piece: OutputPiece): void {
  for (let start = 0; start < piece.bytes.length; start += MOST_FRAME_BYTES) {
    const bytes = piece.bytes.subarray(start, start + MOST_FRAME_BYTES);
    const frame = Buffer.alloc(HEAD_BYTES + bytes.length);
    frame.writeUInt32LE(bytes.length, 0);
    frame.writeUInt8(STREAMS.indexOf(piece.stream), 4);
    frame.writeDoubleLE(piece.at, 5);
    frame.set(bytes, HEAD_BYTES);
    writeSync(file.handle, frame);
    pass(file, bytes.length);
  }
}

function read(file: Opened, from: number, limitBytes: number): OutputPiece[] {
  const pieces: OutputPiece[] = [];
  const mark = file.marks.findLast((candidate) => candidate.offset <= from) ?? { offset: 0, position: 0 };
  let { offset, position } = mark;
  let taken = 0;
  const head = Buffer.alloc(HEAD_BYTES);
  while (position < file.size && taken < limitBytes) {
    readSync(file.handle, head, 0, HEAD_BYTES, position);
    const bytes = head.readUInt32LE(0);
    if (offset + bytes > from) {
      const skip = Math.max(0, from - offset);
      const body = Buffer.alloc(bytes - skip);
      readSync(file.handle, body, 0, body.length, position + HEAD_BYTES + skip);
      pieces.push({ offset: offset + skip, at: head.readDoubleLE(5), stream: STREAMS[head.readUInt8(4)] ?? 'stdout', bytes: body });
      taken += body.length;
    }
    offset += bytes;
    position += HEAD_BYTES + bytes;
  }
  return pieces;
}
