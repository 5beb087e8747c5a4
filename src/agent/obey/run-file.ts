import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { Millis } from '../../core/base/time.ts';
import type { Files, OpenFile } from '../../io/files.ts';

export type OutputStream = 'stdout' | 'stderr' | 'note';

/** What is kept of one run until the server has taken it: facts, and the output in the order in which it was read. */
export const Fact = z.discriminatedUnion('type', [
  z.object({ type: z.literal('accepted'), run: z.string(), fence: z.number(), action: z.string(), at: z.number() }),
  z.object({ type: z.literal('started'), at: z.number(), pid: z.number(), startedTicks: z.string(), boot: z.string() }),
  z.object({ type: z.literal('fence'), fence: z.number() }),
  z.object({
    type: z.literal('finished'),
    at: z.number(),
    how: z.enum(['exit', 'timeout', 'cancelled', 'output limit', 'memory limit', 'spawn error', 'refused', 'lost']),
    exitCode: z.number().nullable(),
    signal: z.string().nullable(),
    message: z.string(),
    outputTruncated: z.boolean(),
  }),
]);
export type Fact = z.infer<typeof Fact>;

export interface Chunk {
  readonly offset: number;
  readonly at: Millis;
  readonly stream: OutputStream;
  readonly bytes: Uint8Array;
}

/** A place in the output: `offset` bytes of it come before; it lies `skipBytes` behind the beginning of the frame at `position` of the file. */
export interface Place {
  readonly offset: number;
  readonly position: number;
  readonly skipBytes: number;
}

export const START: Place = { offset: 0, position: 0, skipBytes: 0 };

/**
 * The file is a row of frames: kind (1 byte), length of the content (4), moment (8), CRC-32 of kind, length, moment and content (4),
 * content. A frame that was not written to its end is cut off when the file is opened again.
 */
const HEADER_BYTES = 17;
const STREAMS: readonly OutputStream[] = ['stdout', 'stderr', 'note'];
const FACT_KIND = 16;
/** So that one frame fits into one report. */
const LONGEST_CONTENT_BYTES = 1 << 18;
const READ_BYTES = 1 << 18;

export class RunFile {
  readonly path: string;
  readonly #files: Files;
  #file: OpenFile | null = null;
  #opening: Promise<OpenFile> | null = null;
  #writing: Promise<void> = Promise.resolve();
  #outputBytes = 0;
  /** So long is the part of the file that consists of whole frames. */
  #end = 0;

  constructor(files: Files, path: string) {
    this.#files = files;
    this.path = path;
  }

  /** How long the output is so far. */
  get outputBytes(): number {
    return this.#outputBytes;
  }

  get sizeBytes(): number {
    return this.#end;
  }

  /** Reads what an earlier program left, and cuts off a frame that it did not finish. */
  async load(): Promise<readonly Fact[]> {
    const file = await this.#open();
    const facts: Fact[] = [];
    let outputBytes = 0;
    this.#end = file.sizeBytes();
    const end = await this.#walk(0, (frame) => {
      if (frame.kind < STREAMS.length) outputBytes += frame.content.length;
      else facts.push(...parseFact(frame.content));
      return true;
    });
    if (end < file.sizeBytes()) await file.truncate(end);
    this.#end = end;
    this.#outputBytes = outputBytes;
    return facts;
  }

  async appendFact(fact: Fact, at: Millis): Promise<void> {
    await this.#append([encodeFrame(FACT_KIND, at, Buffer.from(JSON.stringify(fact)))], 0);
  }

  async appendOutput(pieces: readonly { readonly stream: OutputStream; readonly at: Millis; readonly bytes: Uint8Array }[]): Promise<void> {
    const frames: Buffer[] = [];
    let outputBytes = 0;
    for (const { stream, at, bytes } of pieces) {
      for (let from = 0; from < bytes.length; from += LONGEST_CONTENT_BYTES) {
        frames.push(encodeFrame(STREAMS.indexOf(stream), at, bytes.subarray(from, from + LONGEST_CONTENT_BYTES)));
      }
      outputBytes += bytes.length;
    }
    await this.#append(frames, outputBytes);
  }

  /** Returns when what was appended is on the medium. */
  async sync(): Promise<void> {
    await (await this.#open()).sync();
  }

  /** The output from a place on, at most so many chunks and about so many bytes, and the place after it. */
  async read(from: Place, limitBytes: number, limitChunks: number): Promise<{ readonly chunks: readonly Chunk[]; readonly next: Place }> {
    const chunks: Chunk[] = [];
    let { offset, skipBytes } = from;
    const position = await this.#walk(from.position, (frame) => {
      if (frame.kind >= STREAMS.length) return true;
      const bytes = frame.content.subarray(skipBytes);
      if (chunks.length > 0 && (chunks.length >= limitChunks || offset - from.offset + bytes.length > limitBytes)) return false;
      if (bytes.length > 0) chunks.push({ offset, at: frame.at, stream: STREAMS[frame.kind] ?? 'note', bytes });
      skipBytes = 0;
      offset += bytes.length;
      return true;
    });
    return { chunks, next: { offset, position, skipBytes } };
  }

  /** The place before which there are so many bytes of output, or the end. */
  async seek(wanted: number): Promise<Place> {
    let offset = 0;
    const position = await this.#walk(0, (frame) => {
      if (frame.kind >= STREAMS.length) return true;
      if (offset + frame.content.length > wanted) return false;
      offset += frame.content.length;
      return true;
    });
    const skipBytes = offset < this.#outputBytes ? wanted - offset : 0;
    return { offset: offset + skipBytes, position, skipBytes };
  }

  /** Gives the descriptor back; the next use opens the file again. */
  async close(): Promise<void> {
    await this.#writing;
    const file = this.#file;
    this.#file = null;
    this.#opening = null;
    await file?.close();
  }

  async remove(): Promise<void> {
    await this.close();
    await this.#files.remove(this.path);
  }

  async #open(): Promise<OpenFile> {
    if (this.#file !== null) return this.#file;
    this.#opening ??= this.#files.open(this.path, 'append');
    try {
      this.#file = await this.#opening;
      return this.#file;
    } finally {
      this.#opening = null;
    }
  }

  /** One after the other, in the order of the calls. */
  #append(frames: readonly Buffer[], outputBytes: number): Promise<void> {
    const written = this.#writing.then(() => this.#write(frames, outputBytes));
    this.#writing = written.catch(() => {});
    return written;
  }

  async #write(frames: readonly Buffer[], outputBytes: number): Promise<void> {
    const file = await this.#open();
    const bytes = Buffer.concat(frames);
    try {
      await file.append(bytes);
    } catch (error) {
      await file.truncate(this.#end).catch(() => {});
      throw error;
    }
    this.#end += bytes.length;
    this.#outputBytes += outputBytes;
  }

  /** Calls for each whole frame from a position on until `false`; gives the position of the first frame that was not taken. */
  async #walk(from: number, visit: (frame: Frame) => boolean): Promise<number> {
    const file = await this.#open();
    const end = this.#end;
    let position = from;
    let buffer: Uint8Array = Buffer.alloc(0);
    for (let wanted = READ_BYTES; position < end; ) {
      buffer = await file.readAt(position, Math.min(wanted, end - position));
      let used = 0;
      for (;;) {
        const frame = decodeFrame(buffer, used);
        if (frame === 'damaged') return position + used;
        if (frame === 'short') break;
        if (!visit(frame)) return position + used;
        used += HEADER_BYTES + frame.content.length;
      }
      if (used === 0 && position + buffer.length >= end) return position;
      wanted = used === 0 ? HEADER_BYTES + LONGEST_CONTENT_BYTES : READ_BYTES;
      position += used;
    }
    return position;
  }
}

interface Frame {
  readonly kind: number;
  readonly at: Millis;
  readonly content: Uint8Array;
}

function encodeFrame(kind: number, at: Millis, content: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + content.length);
  frame.writeUInt8(kind, 0);
  frame.writeUInt32LE(content.length, 1);
  frame.writeDoubleLE(at, 5);
  frame.set(content, HEADER_BYTES);
  frame.writeUInt32LE(crc32(content, crc32(frame.subarray(0, 13))), 13);
  return frame;
}

function decodeFrame(bytes: Uint8Array, from: number): Frame | 'short' | 'damaged' {
  if (bytes.length - from < HEADER_BYTES) return 'short';
  const header = new DataView(bytes.buffer, bytes.byteOffset + from, HEADER_BYTES);
  const length = header.getUint32(1, true);
  if (length > LONGEST_CONTENT_BYTES) return 'damaged';
  if (bytes.length - from < HEADER_BYTES + length) return 'short';
  const content = bytes.subarray(from + HEADER_BYTES, from + HEADER_BYTES + length);
  if (crc32(content, crc32(bytes.subarray(from, from + 13))) !== header.getUint32(13, true)) return 'damaged';
  return { kind: header.getUint8(0), at: header.getFloat64(5, true), content };
}

function parseFact(content: Uint8Array): readonly Fact[] {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(content).toString('utf8'));
  } catch {
    return [];
  }
  const parsed = Fact.safeParse(value);
  return parsed.success ? [parsed.data] : [];
}
