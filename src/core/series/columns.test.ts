import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChunkDecoder, ChunkEncoder, CHUNK_PADDING_BYTES } from './chunk.ts';
import { Columns } from './columns.ts';
import { DecodedChunks } from './decoded-chunks.ts';
import { ByteSink } from './packed-ints.ts';

const regular = fc.record({
  first: fc.integer({ min: -500, max: 500 }),
  step: fc.integer({ min: 0, max: 40 }),
  count: fc.integer({ min: 1, max: 90 }),
});
const grid = fc.record({ start: fc.integer({ min: -600, max: 600 }), step: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 150 })) });

function encoded(columns: Columns): { readonly bytes: Uint8Array; readonly to: number } {
  const sink = new ByteSink();
  new ChunkEncoder().encode(columns, 0, columns.size, sink);
  const to = sink.at;
  sink.reserve(CHUNK_PADDING_BYTES);
  return { bytes: sink.bytes.slice(0, to + CHUNK_PADDING_BYTES), to };
}

test('of chunks of which only instants are looked at, what may be left out makes no difference', () => {
  fc.assert(
    fc.property(fc.array(regular, { minLength: 1, maxLength: 4 }), grid, fc.boolean(), (parts, instants, isKept) => {
      const all = new Columns(4);
      const some = new Columns(4);
      some.instants = instants;
      const decoder = new ChunkDecoder();
      const chunks = new DecodedChunks();
      for (const [key, { first, step, count }] of parts.entries()) {
        const samples = new Columns(4);
        // A chunk holds each time once; a single sample has the step 0.
        for (let i = 0; i < (step === 0 ? 1 : count); i += 1) samples.add(first + i * step, Math.sin(key * 1_000 + i), 0);
        const { bytes, to } = encoded(samples);
        const view = new DataView(bytes.buffer);
        if (isKept) for (let time = 0; time < 3; time += 1) chunks.offer(key, samples, 0);
        assert.ok(decoder.decode(bytes, view, { from: 0, to }, all));
        if (chunks.read(key, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, some)) continue;
        assert.ok(decoder.decode(bytes, view, { from: 0, to }, some));
        assert.equal(decoder.isWhole && decoder.whole.count, samples.size);
      }
      assert.equal(some.size + some.passed, all.size);
      for (const columns of [all, some]) {
        columns.sort();
        columns.thin(instants.start, instants.step);
      }
      for (let k = 0; k < (instants.step === 0 ? 1 : 40); k += 1) {
        const instant = instants.start + k * instants.step;
        const seen = [all, some].map(({ times, values, size }) => {
          const at = times.subarray(0, size).findLastIndex((time) => time <= instant);
          return at < 0 ? null : [times[at], values[at]];
        });
        assert.deepEqual(seen[1], seen[0]);
      }
    }),
    { numRuns: 500 },
  );
});

test('of a chunk that is wanted in part come at least the samples between the times, kept or not', () => {
  fc.assert(
    fc.property(
      regular,
      fc.integer({ min: -600, max: 4_000 }),
      fc.integer({ min: 0, max: 2_000 }),
      ({ first, step, count }, since, length) => {
        const until = since + length;
        const samples = new Columns(4);
        for (let i = 0; i < (step === 0 ? 1 : count); i += 1) samples.add(first + i * step, i / 3, 0);
        const { bytes, to } = encoded(samples);
        const chunks = new DecodedChunks();
        const decoder = new ChunkDecoder();
        const wanted = [...samples.times.subarray(0, samples.size)].filter((time) => time >= since && time <= until);
        for (let time = 0; time < 3; time += 1) {
          const out = new Columns(4);
          if (!chunks.read(1, since, until, out)) {
            assert.ok(decoder.decode(bytes, new DataView(bytes.buffer), { from: 0, to, since, until }, out));
            if (decoder.isWhole) chunks.keep(1, decoder.whole, false);
          }
          out.clip(since, until);
          assert.deepEqual([...out.times.subarray(0, out.size)], wanted);
          assert.ok(wanted.every((at, i) => out.values[i] === Math.round((at - first) / Math.max(1, step)) / 3 && out.stale[i] === 0));
        }
      },
    ),
  );
});

test('chunks that pass by find room only where there is some', () => {
  const chunks = new DecodedChunks(2_500);
  const values = Float64Array.from({ length: 100 }, (_, i) => i);
  for (let time = 0; time < 3; time += 1) for (const key of [1, 2, 3]) chunks.keep(key, { first: 0, step: 10, count: 100, values }, true);
  const out = new Columns(4);
  const read = (key: number): boolean => chunks.read(key, 100, 190, out);
  assert.deepEqual([1, 2, 3].map(read), [true, true, false]);
  assert.deepEqual([...out.values.subarray(0, out.size)], [...values.subarray(10, 20), ...values.subarray(10, 20)]);
  assert.equal(chunks.bytes <= 2_500, true);
});
