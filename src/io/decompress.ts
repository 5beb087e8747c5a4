import { gunzip, gunzipSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';

/** How a body on the wire may be compressed, besides not at all. */
export type BodyEncoding = 'identity' | 'gzip' | 'zstd';

export type Decompressed = Uint8Array | { readonly problem: 'bad' | 'too-large'; readonly message: string };

/** The encoding that a `Content-Encoding` header names; null: one that is not taken. */
export function bodyEncoding(header: string | undefined): BodyEncoding | null {
  const name = (header ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') return 'identity';
  return name === 'gzip' || name === 'x-gzip' ? 'gzip' : name === 'zstd' ? 'zstd' : null;
}

/** Undoes the compression of a body outside the main thread; nothing longer than the limit comes out. */
export function decompress(body: Uint8Array, encoding: BodyEncoding, limitBytes: number): Promise<Decompressed> {
  if (encoding === 'identity') return Promise.resolve(body.length > limitBytes ? tooLarge(limitBytes) : body);
  return new Promise((resolve) => {
    const done = (error: Error | null, bytes: Uint8Array): void => resolve(error === null ? bytes : whyNot(error, encoding, limitBytes));
    if (encoding === 'gzip') gunzip(body, { maxOutputLength: limitBytes }, done);
    else zstdDecompress(body, { maxOutputLength: limitBytes }, done);
  });
}

const SHORT_BYTES = 16 << 10;
const CHUNK_BYTES = 256 << 10;

/** The same, here and now. */
export function decompressSync(body: Uint8Array, encoding: BodyEncoding, limitBytes: number): Decompressed {
  if (encoding === 'identity') return body.length > limitBytes ? tooLarge(limitBytes) : body;
  try {
    const options = { maxOutputLength: limitBytes, chunkSize: body.length < SHORT_BYTES ? SHORT_BYTES : CHUNK_BYTES };
    return encoding === 'gzip' ? gunzipSync(body, options) : zstdDecompressSync(body, options);
  } catch (error) {
    return whyNot(error, encoding, limitBytes);
  }
}

function whyNot(error: unknown, encoding: BodyEncoding, limitBytes: number): Decompressed {
  if (error instanceof RangeError) return tooLarge(limitBytes);
  return { problem: 'bad', message: `${encoding}: ${error instanceof Error ? error.message : String(error)}` };
}

function tooLarge(limitBytes: number): Decompressed {
  return { problem: 'too-large', message: `the body is above the limit of ${limitBytes} bytes` };
}
