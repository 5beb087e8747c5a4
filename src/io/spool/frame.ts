import { crc32 } from 'node:zlib';
import type { Millis } from '../../core/base/time.ts';

/** One batch of samples as it waits: its bytes, and when it was made. */
export interface Waiting {
  readonly at: Millis;
  readonly payload: Uint8Array;
}

/** Before each payload: its length, the checksum of what follows, when it was made. All little-endian. */
export const HEADER_BYTES = 16;
export const MOST_PAYLOAD_BYTES = 8 << 20;

export function encodeFrame({ at, payload }: Waiting): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, payload.length, true);
  view.setFloat64(8, at, true);
  frame.set(payload, HEADER_BYTES);
  view.setUint32(4, crc32(frame.subarray(8)), true);
  return frame;
}

/** The length of the payload that follows a header; null when no header is there. */
export function decodeLength(header: Uint8Array): number | null {
  if (header.length < HEADER_BYTES) return null;
  const length = new DataView(header.buffer, header.byteOffset).getUint32(0, true);
  return length > MOST_PAYLOAD_BYTES ? null : length;
}

/** Null when the frame is torn or damaged. */
export function decodeFrame(frame: Uint8Array): Waiting | null {
  const length = decodeLength(frame);
  if (length === null || frame.length !== HEADER_BYTES + length) return null;
  const view = new DataView(frame.buffer, frame.byteOffset);
  if (crc32(frame.subarray(8)) !== view.getUint32(4, true)) return null;
  return { at: view.getFloat64(8, true), payload: frame.subarray(HEADER_BYTES) };
}
