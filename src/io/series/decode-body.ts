import { zstdDecompressSync } from 'node:zlib';
import { decodeSnappy } from '../../core/wire/snappy.ts';
import type { Encoding } from './journal-record.ts';

export type BodyProblem = { readonly problem: 'bad' | 'too-large'; readonly message: string };

/** Undoes the compression of a request body, with a bound on what comes out. `room` is used again from call to call where it fits. */
export function decodeBody(body: Uint8Array, encoding: Encoding, limitBytes: number, room: Uint8Array): Uint8Array | BodyProblem {
  if (encoding === 'snappy') return decodeSnappy(body, limitBytes, room);
  if (encoding === 'zstd') return decodeZstd(body, limitBytes);
  // Decoding may rearrange the bytes, and the journal keeps them as they came.
  return body.length > limitBytes ? tooLarge(limitBytes) : body.slice();
}

function decodeZstd(body: Uint8Array, limitBytes: number): Uint8Array | BodyProblem {
  try {
    return zstdDecompressSync(body, { maxOutputLength: limitBytes });
  } catch (error) {
    if (error instanceof RangeError) return tooLarge(limitBytes);
    return { problem: 'bad', message: `zstd: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function tooLarge(limitBytes: number): BodyProblem {
  return { problem: 'too-large', message: `decoded size is above the limit of ${limitBytes} bytes` };
}
