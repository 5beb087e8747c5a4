import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFrames } from '../../../test/doors/chunked-read.ts';
import { encodeChunkedSeries } from './chunked-read.ts';
import { crc32c } from './crc32c.ts';
import { encodeLabels } from './encode-write.ts';
import { encodeStoredChunks } from './stored-chunks.ts';

test('the checksum is the one of RFC 3720', () => {
  assert.equal(crc32c(new TextEncoder().encode('123456789')), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(new Uint8Array(0)), 0);
});

test('a series is in as many frames as it needs, each with its labels', () => {
  const samples = Array.from({ length: 10_000 }, (_, i) => ({ at: i * 1000, value: Math.sin(i) }));
  const chunks = [...encodeStoredChunks(samples)];
  const largest = Math.max(...chunks.map(({ bytes }) => bytes.length));
  const labels = { __name__: 'm', host: 'a' };
  const frames = [...encodeChunkedSeries({ labels: encodeLabels(labels), query: 3 }, chunks, 8_000)];
  const read = readFrames(Buffer.concat(frames), crc32c);
  assert.equal(read.length, frames.length);
  assert.ok(read.length > 5);
  for (const frame of read) {
    assert.deepEqual(frame.labels, labels);
    assert.equal(frame.query, 3);
    assert.ok(frame.bytes < 8_000 + largest + 64);
  }
  assert.deepEqual(
    read.flatMap((frame) => frame.chunks.map((chunk) => ({ ...chunk, bytes: [...chunk.bytes] }))),
    chunks.map((chunk) => ({ ...chunk, bytes: [...chunk.bytes] })),
  );
  assert.deepEqual([...encodeChunkedSeries({ labels: encodeLabels(labels), query: 0 }, [])], []);
});
