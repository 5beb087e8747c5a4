import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Histogram } from '../promql/histogram.ts';
import { CHUNK_PADDING_BYTES, ChunkDecoder, ChunkEncoder } from './chunk.ts';
import { Columns } from './columns.ts';
import { plainHistogram, someHistogram } from './histogram-arbitrary.test.ts';
import { packHistograms, unpackHistograms } from './histogram-codec.ts';
import { ByteSink } from './packed-ints.ts';

const whole = (histogram: Histogram): unknown => [histogram.hint, plainHistogram(histogram)];

test('histograms come out as they went in, alone and in runs of one layout', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(someHistogram, fc.nat(40)), { maxLength: 12 }), (runs) => {
      const list = runs.flatMap(([histogram, times]) =>
        Array.from({ length: times }, (_, i) => ({
          ...histogram,
          positive: { ...histogram.positive, count: histogram.positive.count.map((count) => count + i) },
        })),
      );
      assert.deepEqual(unpackHistograms(packHistograms(list)).map(whole), list.map(whole));
    }),
    { numRuns: 300 },
  );
});

test('chunks of histograms come out as they went in, wherever in the memory of their sink they begin', () => {
  fc.assert(
    fc.property(fc.array(someHistogram, { minLength: 1, maxLength: 80 }), fc.nat(4_096), (list, before) => {
      const columns = new Columns();
      for (const [i, one] of list.entries()) columns.addHistogram(i, one);
      const sink = new ByteSink();
      for (let i = 0; i < before; i += 1) sink.byte(7);
      new ChunkEncoder().encode(columns, 0, columns.size, sink);
      const to = sink.at;
      sink.reserve(CHUNK_PADDING_BYTES);
      const again = new Columns();
      assert.ok(new ChunkDecoder().decode(sink.bytes, sink.view, { from: before, to }, again));
      assert.deepEqual(again.histograms.map(whole), list.map(whole));
    }),
    { numRuns: 100 },
  );
});

test('a counter with thirty buckets takes few bytes a sample', () => {
  const index = Int32Array.from({ length: 30 }, (_, i) => i - 10);
  const list = Array.from({ length: 120 }, (_, step): Histogram => {
    const count = Float64Array.from(index, (_, i) => step * (i % 5));
    const total = count.reduce((sum, one) => sum + one, 0);
    const empty = { index: new Int32Array(0), count: new Float64Array(0) };
    return {
      schema: 3,
      hint: 'not-reset',
      zeroThreshold: 0,
      zeroCount: 0,
      count: total,
      sum: total,
      positive: { index, count },
      negative: empty,
      customValues: [],
    };
  });
  // The sums (8 bytes each) are values of the samples in a chunk.
  assert.ok(packHistograms(list).length / list.length - 8 < 4);
});

test('damaged bytes are nothing, or other histograms; never a throw', () => {
  fc.assert(
    fc.property(fc.array(someHistogram, { minLength: 1, maxLength: 5 }), fc.nat(), fc.nat(255), (list, place, byte) => {
      const bytes = packHistograms(list);
      bytes[place % (bytes.length - 8)] = byte;
      unpackHistograms(bytes);
      unpackHistograms(Uint8Array.from([...bytes.subarray(0, place % bytes.length), 0, 0, 0, 0, 0, 0, 0, 0]));
    }),
    { numRuns: 1_000 },
  );
});
