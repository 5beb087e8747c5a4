import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { decodeFrame, decodePieces, encodeFrames, HEAD_BYTES, MOST_BYTES, type OutputPiece } from './frame.ts';

/** The output of a run that may still get more: frames, one after the other. */
export interface LiveFile {
  readonly kind: 'live';
  readonly handle: FileHandle;
  /** Bytes of output. */
  length: number;
  /** Bytes of the file. */
  size: number;
  /** Where reading may begin, one in so many bytes. */
  readonly marks: Mark[];
}

interface Mark {
  readonly offset: number;
  readonly position: number;
}

const MARK_EVERY = 256 * 1024;
const WINDOW = 256 * 1024;
/** The longest buffer that `readWindows` gives. */
export const LONGEST_WINDOW = WINDOW + HEAD_BYTES + MOST_BYTES;

/** Opens or makes a file. Its last frame may be torn, by a power cut or a full disk: it is cut off. */
export async function openLiveFile(path: string): Promise<LiveFile> {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    const file: LiveFile = { kind: 'live', handle, length: 0, size: 0, marks: [{ offset: 0, position: 0 }] };
    for await (const frames of readWindows(handle, 0, (await handle.stat()).size)) {
      for (const { piece } of eachFrame(frames)) pass(file, piece.bytes.length);
    }
    await handle.truncate(file.size);
    return file;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A failed write leaves the file as it was: the next one goes to the same place. */
export async function appendToLive(file: LiveFile, piece: Omit<OutputPiece, 'offset'>): Promise<void> {
  const frames = encodeFrames(piece);
  for (let done = 0; done < frames.length; ) {
    const { bytesWritten } = await file.handle.write(frames, done, frames.length - done, file.size + done);
    done += bytesWritten;
  }
  for (const frame of eachFrame(frames)) pass(file, frame.piece.bytes.length);
}

export async function readLive(file: LiveFile, from: number, limitBytes: number): Promise<readonly OutputPiece[]> {
  const mark = file.marks.findLast((one) => one.offset <= from) ?? { offset: 0, position: 0 };
  const pieces: OutputPiece[] = [];
  let { offset } = mark;
  let taken = 0;
  for await (const frames of readWindows(file.handle, mark.position, file.size)) {
    for (const piece of decodePieces(frames, offset, from)) {
      pieces.push(piece);
      taken += piece.bytes.length;
      if (taken >= limitBytes) return pieces;
    }
    for (const { piece } of eachFrame(frames)) offset += piece.bytes.length;
  }
  return pieces;
}

/** Whole frames between two positions, about WINDOW bytes at a time, up to the first that is not whole. */
export async function* readWindows(handle: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = from; at < to; ) {
    const window = Buffer.allocUnsafe(Math.min(to - at, LONGEST_WINDOW));
    const { bytesRead } = await handle.read(window, 0, window.length, at);
    let end = 0;
    for (const frame of eachFrame(window.subarray(0, bytesRead))) end = frame.end;
    if (end === 0) return;
    yield window.subarray(0, end);
    at += end;
  }
}

export function* eachFrame(buffer: Buffer): Generator<NonNullable<ReturnType<typeof decodeFrame>>> {
  let position = 0;
  for (let frame = decodeFrame(buffer, position); frame !== null; frame = decodeFrame(buffer, position)) {
    yield frame;
    position = frame.end;
  }
}

function pass(file: LiveFile, bytes: number): void {
  file.size += HEAD_BYTES + bytes;
  file.length += bytes;
  if (file.length - (file.marks.at(-1)?.offset ?? 0) >= MARK_EVERY) file.marks.push({ offset: file.length, position: file.size });
}
