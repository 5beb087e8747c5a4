import assert from 'node:assert/strict';
import { ProtoCursor } from '../../src/core/wire/proto-cursor.ts';

export interface ReadFrame {
  readonly bytes: number;
  readonly query: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly chunks: readonly { readonly from: number; readonly to: number; readonly encoding: number; readonly bytes: Uint8Array }[];
}

/** The frames of a streamed remote-read answer, each with its checksum looked at. */
export function readFrames(bytes: Uint8Array, checksum: (bytes: Uint8Array) => number): ReadFrame[] {
  const frames: ReadFrame[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    let size = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      size += (byte & 127) * scale;
      if (byte < 128) break;
    }
    const message = bytes.subarray(at + 4, at + 4 + size);
    assert.equal(view.getUint32(at), checksum(message));
    at += 4 + size;
    frames.push(readFrame(message));
  }
  return frames;
}

function readFrame(message: Uint8Array): ReadFrame {
  const cursor = ProtoCursor.over(message);
  const labels: Record<string, string> = {};
  const chunks: ReadFrame['chunks'][number][] = [];
  let query = 0;
  while (cursor.next()) {
    if (cursor.tag === 16) query = cursor.varint();
    else if (cursor.tag === 10) {
      const series = cursor.message();
      while (series.next()) {
        const inner = series.message();
        const fields = new Map<number, number | string | Uint8Array>();
        while (inner.next()) {
          if (series.tag === 10) fields.set(inner.tag, inner.text());
          else fields.set(inner.tag, inner.tag === 34 ? inner.blob() : inner.int64());
        }
        if (series.tag === 10) labels[String(fields.get(10))] = String(fields.get(18));
        else
          chunks.push({
            from: Number(fields.get(8) ?? 0),
            to: Number(fields.get(16) ?? 0),
            encoding: Number(fields.get(24)),
            bytes: fields.get(34) as Uint8Array,
          });
      }
    } else cursor.skip();
  }
  assert.ok(!cursor.bad);
  return { bytes: message.length, query, labels, chunks };
}
