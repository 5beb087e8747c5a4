import { crc32c } from './crc32c.ts';
import { ProtoOutput } from './proto-output.ts';
import type { StoredChunk } from './stored-chunks.ts';

/** What Prometheus calls the type of a streamed answer to remote read. */
export const CHUNKED_READ_TYPE = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse';

/** A frame ends with the chunk that reaches so many bytes: an eighth of Prometheus' bound, because each is made at one go. */
const FRAME_BYTES: number = 1 << 17;

/** A series of an answer: its labels as `labels` fields, and the number of the query that it answers. */
export interface ChunkedSeries {
  readonly labels: Uint8Array;
  readonly query: number;
}

/**
 * The chunks of one series as frames of a streamed remote-read answer (prompb/remote.proto): each is the length of a `ChunkedReadResponse`
 * (varint), its CRC-32C (four bytes, the highest first), and the message, which holds the labels and as many chunks as fit.
 */
export function* encodeChunkedSeries(
  series: ChunkedSeries,
  chunks: Iterable<StoredChunk>,
  frameBytes = FRAME_BYTES,
): Generator<Uint8Array> {
  let inner = new ProtoOutput(4_096);
  inner.raw(series.labels);
  for (const { encoding, from, to, bytes } of chunks) {
    inner.message(2, (chunk) => {
      chunk.int(1, from);
      chunk.int(2, to);
      chunk.int(3, encoding);
      chunk.bytesField(4, bytes);
    });
    if (inner.size < frameBytes) continue;
    yield encodeFrame(inner, series.query);
    inner = new ProtoOutput(4_096);
    inner.raw(series.labels);
  }
  if (inner.size > series.labels.length) yield encodeFrame(inner, series.query);
}

function encodeFrame(inner: ProtoOutput, query: number): Uint8Array {
  const message = new ProtoOutput(inner.size + 32);
  message.bytesField(1, inner.finish());
  message.int(2, query);
  const bytes = message.finish();
  const frame = new ProtoOutput(bytes.length + 16);
  frame.varint(bytes.length);
  const crc = crc32c(bytes);
  frame.raw(Uint8Array.of(crc >>> 24, crc >>> 16, crc >>> 8, crc));
  frame.raw(bytes);
  return frame.finish();
}
