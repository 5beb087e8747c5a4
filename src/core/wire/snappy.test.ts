import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeSnappy, encodeSnappy } from './snappy.ts';

const LIMIT = 1 << 24;

/** The plainest encoder the format allows: the length, then literals only. */
function encodeNaively(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  let size = bytes.length;
  for (; size >= 128; size >>>= 7) out.push((size & 127) | 128);
  out.push(size);
  for (let at = 0; at < bytes.length; at += 60) {
    const part = bytes.subarray(at, at + 60);
    out.push((part.length - 1) << 2, ...part);
  }
  return Uint8Array.from(out);
}

const texts = fc.oneof(
  fc.uint8Array({ maxLength: 5_000 }),
  fc
    .array(fc.constantFrom('abcd', 'node_cpu_seconds_total', 'x', 'instance="10.0.0.1:9100"'), { maxLength: 2_000 })
    .map((words) => Buffer.from(words.join(''))),
  fc.tuple(fc.nat(255), fc.nat(100_000)).map(([byte, size]) => new Uint8Array(size).fill(byte)),
);

test('what is encoded is decoded again, whoever encoded it', () => {
  fc.assert(
    fc.property(texts, (bytes) => {
      assert.deepEqual(decodeSnappy(encodeNaively(bytes), LIMIT), new Uint8Array(bytes));
      assert.deepEqual(decodeSnappy(encodeSnappy(bytes), LIMIT), new Uint8Array(bytes));
    }),
    { numRuns: 200 },
  );
});

test('repetition is found', () => {
  const bytes = Buffer.from('node_cpu_seconds_total{cpu="0",mode="idle"} '.repeat(5_000));
  assert.ok(encodeSnappy(bytes).length < bytes.length / 15);
});

test('copies of all three forms are understood, those that overlap themselves too', () => {
  const near = Uint8Array.from([10, 0b0000_0100, 97, 98, 0b000_100_01, 2]);
  assert.equal(Buffer.from(decodeSnappy(near, LIMIT) as Uint8Array).toString(), 'ababababab');
  const far = Uint8Array.from([6, 0b0000_1000, 97, 98, 99, (2 << 2) | 2, 3, 0]);
  assert.equal(Buffer.from(decodeSnappy(far, LIMIT) as Uint8Array).toString(), 'abcabc');
  const farthest = Uint8Array.from([6, 0b0000_1000, 97, 98, 99, (2 << 2) | 3, 3, 0, 0, 0]);
  assert.equal(Buffer.from(decodeSnappy(farthest, LIMIT) as Uint8Array).toString(), 'abcabc');
});

test('a declared size of 2 GB is refused before anything is allocated', () => {
  const before = process.memoryUsage().arrayBuffers;
  const outcome = decodeSnappy(Uint8Array.from([0x80, 0x80, 0x80, 0x80, 0x08, 0, 0]), 32 << 20);
  assert.equal('problem' in outcome && outcome.problem, 'too-large');
  assert.ok(process.memoryUsage().arrayBuffers - before < 1 << 20);
});

test('random and damaged bytes are a value, never a throw, and never more than was declared', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const outcome = decodeSnappy(bytes, 1 << 16);
      assert.ok('problem' in outcome || outcome.length <= 1 << 16);
    }),
    { numRuns: 5_000 },
  );
  fc.assert(
    fc.property(texts, fc.nat(), fc.nat(255), (bytes, place, byte) => {
      const encoded = encodeSnappy(bytes);
      encoded[place % encoded.length] = byte;
      decodeSnappy(encoded, LIMIT);
      decodeSnappy(encoded.subarray(0, place % encoded.length), LIMIT);
    }),
    { numRuns: 300 },
  );
});

test('a buffer given is used again when it is large enough', () => {
  const room = new Uint8Array(100);
  const outcome = decodeSnappy(encodeSnappy(Buffer.from('hello')), LIMIT, room);
  assert.ok(outcome instanceof Uint8Array && outcome.buffer === room.buffer && outcome.length === 5);
});
