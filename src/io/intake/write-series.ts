import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { encodeWriteRequest, type WriteSeries } from '../../core/wire/encode-write.ts';
import type { WriteOutcome } from '../series/engine.ts';
import type { SeriesStore } from '../series/store.ts';

/** Shorter bodies are not worth compressing. */
const COMPRESSED_FROM_BYTES = 2_048;
const compress = promisify(zstdCompress);
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Writes series, compressed, because the journal keeps the request as it comes. */
export async function writeSeries(write: SeriesStore['write'], series: readonly WriteSeries[], source: string): Promise<WriteOutcome> {
  const body = encodeWriteRequest(series);
  if (body.length < COMPRESSED_FROM_BYTES) return write(body, 'none', source);
  return write(await compress(body, FAST), 'zstd', source);
}
