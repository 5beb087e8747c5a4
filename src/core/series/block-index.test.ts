import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BlockChunk, type BlockIndex, BlockIndexEncoder, decodeBlockIndex } from './block-index.ts';

const chunk: fc.Arbitrary<BlockChunk> = fc
  .record({ from: fc.integer({ min: 1_000, max: 2 ** 41 }), length: fc.nat(2 ** 31), bytes: fc.nat(100_000), crc: fc.nat(0xffffffff) })
  .map(({ from, length, bytes, crc }) => ({ from, to: from + length, bytes, crc }));
const series = fc.record({ key: fc.uint8Array({ maxLength: 300 }), source: fc.nat(1_000), chunks: fc.array(chunk, { maxLength: 4 }) });

function encode(
  list: readonly { readonly key: Uint8Array; readonly source: number; readonly chunks: readonly BlockChunk[] }[],
): Uint8Array {
  const encoder = new BlockIndexEncoder(1_000);
  for (const { key, source, chunks } of list) encoder.add(key, source, chunks);
  return encoder.sink.bytes.slice(0, encoder.sink.at);
}

test('an index comes back: keys, sources, and where each chunk is', () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 20 }), (list) => {
      const chunks = list.reduce((sum, one) => sum + one.chunks.length, 0);
      const index: BlockIndex | null = decodeBlockIndex(encode(list), 1_000, { series: list.length, chunks });
      assert.ok(index !== null);
      let at = 0;
      for (const [s, one] of list.entries()) {
        assert.deepEqual(index.series.bytes.slice(index.series.labelsFrom[s], index.series.labelsTo[s]), one.key);
        assert.equal(index.sources[s], one.source);
        const first: number = index.places.first(s);
        assert.equal(index.places.first(s + 1) - first, one.chunks.length);
        const last = one.chunks.at(-1);
        if (last !== undefined) assert.equal(index.newest[s], last.to);
        for (const [i, { from, bytes, crc }] of one.chunks.entries()) {
          assert.deepEqual([index.places.from(first + i), index.places.at(first + i), index.places.crc(first + i)], [from, at, crc]);
          at += bytes;
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('bytes that are no index with so many series and chunks are refused, never a throw', () => {
  const counts = { series: fc.nat(1e9), chunks: fc.nat(1e9) };
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.oneof(fc.record(counts), fc.record({ series: fc.nat(20), chunks: fc.nat(20) })),
      (bytes, claimed) => {
        decodeBlockIndex(bytes, 0, claimed);
      },
    ),
    { numRuns: 5_000 },
  );
  fc.assert(
    fc.property(fc.array(series, { minLength: 1, maxLength: 5 }), fc.nat(), fc.nat(255), (list, place, byte) => {
      const chunks = list.reduce((sum, one) => sum + one.chunks.length, 0);
      const bytes = encode(list);
      decodeBlockIndex(bytes.with(place % bytes.length, byte), 1_000, { series: list.length, chunks });
      assert.equal(decodeBlockIndex(bytes.slice(0, place % bytes.length), 1_000, { series: list.length, chunks }), null);
    }),
    { numRuns: 1_000 },
  );
});
