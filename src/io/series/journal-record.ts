import { crc32 } from 'node:zlib';
import type { HeadRules } from '../../core/series/head.ts';

/** How the body of a request is compressed. */
export type Encoding = 'none' | 'snappy' | 'zstd';

/** What a record is: a request body in one of the encodings, or a deletion. */
export type RecordKind = Encoding | 'deletion';

const ENCODINGS: readonly RecordKind[] = ['none', 'snappy', 'zstd', 'deletion'];

/** A request as the journal keeps it: the body as it came, when it came, and from whom. */
export interface JournalRecord {
  readonly encoding: RecordKind;
  readonly protocol: 1 | 2;
  readonly at: number;
  readonly source: string;
  readonly body: Uint8Array;
}

/** `TJR1` */
const MAGIC = 0x31524a54;
/** magic, length of the rest, CRC-32 of the rest; the rest: encoding, protocol, length of the source, time, source, body. */
const PREFIX_BYTES = 12;
const FIXED_BYTES = 12;

export const RECORD_LIMIT_BYTES = 64 << 20;

const SEGMENT_MAGIC = 'TOCSINJ1';
export const SEGMENT_HEADER_BYTES = 8 + 8 * 8 + 4;

/** The frame of a record, to be written before its body. */
export function encodeFrame(record: JournalRecord): Buffer {
  const source = Buffer.from(record.source).subarray(0, 0xffff);
  const frame = Buffer.alloc(PREFIX_BYTES + FIXED_BYTES + source.length);
  frame.writeUInt32LE(MAGIC, 0);
  frame.writeUInt32LE(FIXED_BYTES + source.length + record.body.length, 4);
  frame[12] = ENCODINGS.indexOf(record.encoding);
  frame[13] = record.protocol;
  frame.writeUInt16LE(source.length, 14);
  frame.writeDoubleLE(record.at, 16);
  source.copy(frame, PREFIX_BYTES + FIXED_BYTES);
  frame.writeUInt32LE(crc32(record.body, crc32(frame.subarray(PREFIX_BYTES))), 8);
  return frame;
}

/** What stands at a place of a segment: a whole record, the beginning of one, or something else. */
export type Framed = { readonly record: JournalRecord; readonly size: number } | 'short' | 'corrupt';

/** Reads the record that begins at `at`; `bytes` is what is there, up to the end of the file or of the window. */
export function decodeFrame(bytes: Buffer, at: number): Framed {
  const there = bytes.length - at;
  if (there < PREFIX_BYTES) return 'short';
  if (bytes.readUInt32LE(at) !== MAGIC) return 'corrupt';
  const length = bytes.readUInt32LE(at + 4);
  if (length < FIXED_BYTES || length > RECORD_LIMIT_BYTES) return 'corrupt';
  if (there < PREFIX_BYTES + length) return 'short';
  const rest = bytes.subarray(at + PREFIX_BYTES, at + PREFIX_BYTES + length);
  if (crc32(rest) !== bytes.readUInt32LE(at + 8)) return 'corrupt';
  const encoding = ENCODINGS[rest[0] ?? 0];
  const sourceBytes = rest.readUInt16LE(2);
  if (encoding === undefined || FIXED_BYTES + sourceBytes > length) return 'corrupt';
  const source = rest.toString('utf8', FIXED_BYTES, FIXED_BYTES + sourceBytes);
  const record = {
    encoding,
    protocol: rest[1] === 2 ? (2 as const) : (1 as const),
    at: rest.readDoubleLE(4),
    source,
    body: rest.subarray(FIXED_BYTES + sourceBytes),
  };
  return { record, size: PREFIX_BYTES + length };
}

/** The place of the next possible record after `at`, or -1. */
export function nextFrame(bytes: Buffer, at: number): number {
  return bytes.indexOf('TJR1', at + 1, 'latin1');
}

/** The head of a segment: the rules its records were judged by, so that replay decides as it was decided. */
export function encodeSegmentHeader({ limits, lateWindow, futureWindow, retention }: HeadRules): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  header.write(SEGMENT_MAGIC, 'latin1');
  const numbers = [
    limits.series,
    limits.seriesPerSource,
    limits.labels,
    limits.nameBytes,
    limits.valueBytes,
    lateWindow,
    futureWindow,
    retention,
  ];
  for (const [i, number] of numbers.entries()) header.writeDoubleLE(number, 8 + 8 * i);
  header.writeUInt32LE(crc32(header.subarray(0, SEGMENT_HEADER_BYTES - 4)), SEGMENT_HEADER_BYTES - 4);
  return header;
}

/** The rules in the head of a segment; null when it is none. */
export function decodeSegmentHeader(header: Buffer): HeadRules | null {
  if (header.length < SEGMENT_HEADER_BYTES || header.toString('latin1', 0, 8) !== SEGMENT_MAGIC) return null;
  if (crc32(header.subarray(0, SEGMENT_HEADER_BYTES - 4)) !== header.readUInt32LE(SEGMENT_HEADER_BYTES - 4)) return null;
  const number = (i: number): number => header.readDoubleLE(8 + 8 * i);
  return {
    limits: { series: number(0), seriesPerSource: number(1), labels: number(2), nameBytes: number(3), valueBytes: number(4) },
    lateWindow: number(5),
    futureWindow: number(6),
    retention: number(7),
  };
}
