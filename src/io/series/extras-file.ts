import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32, zstdCompress, zstdDecompressSync } from 'node:zlib';
import type { Head } from '../../core/series/head.ts';
import { encodeMetadata, encodeWriteRequest } from '../../core/wire/encode-write.ts';
import type { Pause } from './block-writer.ts';

/** `TOCSINX1`, CRC-32 of the rest, and a remote-write 1.0 request in zstd: exemplars and metadata. */
const MAGIC = 'TOCSINX1';
const HEAD_BYTES = 12;
const LIMIT_BYTES = 2 ** 30;

const compress = promisify(zstdCompress);

/** What besides samples must outlive the journal is written anew as a whole, and synced: exemplars of the series in blocks, and metadata. */
export async function writeExtras(path: string, head: Head, pause: Pause): Promise<void> {
  const metrics = [...head.catalogue.all].flatMap(([name, list]) => list.map((one) => ({ name, ...one })));
  const pieces = [encodeMetadata(metrics).slice()];
  const parts = head.parts.filter((part) => part !== head.active);
  for (const ref of head.exemplars.refs()) {
    const pausing = pause();
    if (pausing !== null) await pausing;
    // What came to a series that has no samples there is in the journal still.
    if (!parts.some((part) => part.has(ref))) continue;
    const exemplars = head.exemplars
      .of(ref, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
      .map(({ labels, value, time }) => ({ labels, value, at: time }));
    pieces.push(encodeWriteRequest([{ labels: head.table.labels(ref), samples: [], exemplars }]).slice());
  }
  const packed = await compress(Buffer.concat(pieces));
  const front = Buffer.alloc(HEAD_BYTES);
  front.write(MAGIC, 'latin1');
  front.writeUInt32LE(crc32(packed), MAGIC.length);
  const fd = openSync(`${path}.new`, 'w', 0o600);
  try {
    for (const bytes of [front, packed]) for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
}

/** The request that was written; null when there is none, `damaged` when it is not whole. */
export function readExtras(path: string): Uint8Array | 'damaged' | null {
  if (!existsSync(path)) return null;
  try {
    const bytes = readFileSync(path);
    const packed = bytes.subarray(HEAD_BYTES);
    const isWhole = bytes.toString('latin1', 0, MAGIC.length) === MAGIC && bytes.readUInt32LE(MAGIC.length) === crc32(packed);
    return isWhole ? new Uint8Array(zstdDecompressSync(packed, { maxOutputLength: LIMIT_BYTES })) : 'damaged';
  } catch {
    return 'damaged';
  }
}
