import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { encodeMetadata, encodeWriteRequest, type WriteMetadata, type WriteSeries } from '../../core/wire/encode-write.ts';
import type { WriteOutcome } from '../series/engine.ts';
import type { SeriesStore } from '../series/store.ts';

/** Shorter bodies are not worth compressing. */
const COMPRESSED_FROM_BYTES = 2_048;
const compress = promisify(zstdCompress);
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Writes an encoded request; compressed, because the journal keeps it as it comes. */
export async function writeBody(write: SeriesStore['write'], body: Uint8Array, source: string): Promise<WriteOutcome> {
  if (body.length < COMPRESSED_FROM_BYTES) return write(body, 'none', source);
  return write(await compress(body, FAST), 'zstd', source);
}

export function writeSeries(
  write: SeriesStore['write'],
  series: readonly WriteSeries[],
  source: string,
  metadata: readonly WriteMetadata[] = [],
): Promise<WriteOutcome> {
  const body = encodeWriteRequest(series);
  const described = encodeMetadata(metadata);
  const whole = new Uint8Array(body.length + described.length);
  whole.set(body);
  whole.set(described, body.length);
  return writeBody(write, whole, source);
}
