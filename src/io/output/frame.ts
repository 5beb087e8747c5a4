import { crc32 } from 'node:zlib';
import type { Millis } from '../../core/base/time.ts';

export type OutputStream = 'stdout' | 'stderr' | 'note';

/** A piece of a run's output. `offset` counts the bytes of all streams before it. */
export interface OutputPiece {
  readonly offset: number;
  readonly at: Millis;
  readonly stream: OutputStream;
  readonly bytes: Uint8Array;
}

const STREAMS: readonly OutputStream[] = ['stdout', 'stderr', 'note'];
/** Length of the bytes (4), stream (1), moment (8), CRC-32 of all that and of the bytes (4). */
export const HEAD_BYTES = 17;
/** Longer pieces are several frames, so that a reader never needs more memory than this for one. */
export const MOST_BYTES = 64 * 1024;

/** The piece as frames, each of which says whether it is whole. */
export function encodeFrames(piece: Omit<OutputPiece, 'offset'>): Buffer {
  const frames: Buffer[] = [];
  for (let start = 0; start < piece.bytes.length; start += MOST_BYTES) {
    const bytes = piece.bytes.subarray(start, start + MOST_BYTES);
    const frame = Buffer.allocUnsafe(HEAD_BYTES + bytes.length);
    frame.writeUInt32LE(bytes.length, 0);
    frame.writeUInt8(STREAMS.indexOf(piece.stream), 4);
    frame.writeDoubleLE(piece.at, 5);
    frame.set(bytes, HEAD_BYTES);
    frame.writeUInt32LE(checksum(frame), HEAD_BYTES - 4);
    frames.push(frame);
  }
  return frames.length === 1 ? (frames[0] ?? Buffer.alloc(0)) : Buffer.concat(frames);
}

/** The frame that begins here and where it ends; null where there is no whole one. */
export function decodeFrame(
  buffer: Buffer,
  position: number,
): { readonly piece: Omit<OutputPiece, 'offset'>; readonly end: number } | null {
  if (position + HEAD_BYTES > buffer.length) return null;
  const length = buffer.readUInt32LE(position);
  const end = position + HEAD_BYTES + length;
  if (length === 0 || length > MOST_BYTES || end > buffer.length) return null;
  const frame = buffer.subarray(position, end);
  const stream = STREAMS[frame.readUInt8(4)];
  if (stream === undefined || frame.readUInt32LE(HEAD_BYTES - 4) !== checksum(frame)) return null;
  return { piece: { at: frame.readDoubleLE(5), stream, bytes: frame.subarray(HEAD_BYTES) }, end };
}

function checksum(frame: Buffer): number {
  return crc32(frame.subarray(HEAD_BYTES), crc32(frame.subarray(0, HEAD_BYTES - 4)));
}

/** What of a buffer of whole frames lies at or after the byte `from`; the first frame begins at `offset`. */
export function decodePieces(buffer: Buffer, offset: number, from: number): OutputPiece[] {
  const pieces: OutputPiece[] = [];
  let position = 0;
  let at = offset;
  for (let frame = decodeFrame(buffer, position); frame !== null; frame = decodeFrame(buffer, position)) {
    const { bytes } = frame.piece;
    const skip = Math.max(0, from - at);
    if (skip < bytes.length) pieces.push({ ...frame.piece, offset: at + skip, bytes: bytes.subarray(skip) });
    at += bytes.length;
    position = frame.end;
  }
  return pieces;
}
