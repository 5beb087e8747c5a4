import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CHUNK_PADDING_BYTES, CHUNK_SAMPLES_LIMIT, ChunkDecoder, ChunkEncoder } from './chunk.ts';
import { Columns } from './columns.ts';
import { ByteSink } from './packed-ints.ts';

type Sample = readonly [time: number, value: number, stale: number];

function encode(samples: readonly Sample[]): ByteSink {
  const columns = new Columns(4);
  for (const [time, value, stale] of samples) columns.add(time, value, stale);
  const sink = new ByteSink();
  new ChunkEncoder().encode(columns, 0, columns.size, sink);
  return sink;
}

function decode(sink: ByteSink, size = sink.at): Columns | null {
  sink.reserve(CHUNK_PADDING_BYTES);
  const columns = new Columns(4);
  return new ChunkDecoder().decode(sink.bytes, sink.view, { from: 0, to: size }, columns) ? columns : null;
}

function assertSame(samples: readonly Sample[]): number {
  const sink = encode(samples);
  const columns = decode(sink);
  assert.ok(columns !== null);
  assert.equal(columns.size, samples.length);
  for (const [i, [time, value, stale]] of samples.entries()) {
    assert.equal(columns.times[i], time);
    assert.equal(columns.stale[i], stale);
    if (stale === 0 && !Object.is(columns.values[i], value)) assert.fail(`sample ${i}: ${columns.values[i]} instead of ${value}`);
  }
  return sink.at;
}

const values: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(fc.double(), { minLength: 1, maxLength: 300 }),
  fc.array(fc.integer(), { minLength: 1, maxLength: 300 }),
  fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 100 }),
  fc.array(
    fc.integer({ min: -5_000, max: 5_000 }).map((cents) => cents / 100),
    { minLength: 1, maxLength: 300 },
  ),
  fc.array(fc.constantFrom(0, -0, 1, Number.NaN, Infinity, -Infinity, 5e-324, 1.7976931348623157e308, 0.1), {
    minLength: 1,
    maxLength: 100,
  }),
  fc.tuple(fc.double({ noNaN: true }), fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 200 })).map(([first, steps]) => {
    let value = first;
    return [first, ...steps.map((step) => (value += step))];
  }),
);
const gaps = fc.oneof(fc.constant(15_000), fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 2 ** 42 }));

test('every sample comes back, to the bit', () => {
  fc.assert(
    fc.property(
      values,
      fc.integer({ min: -1e12, max: 2e12 }),
      gaps,
      fc.array(fc.nat(20), { maxLength: 300 }),
      (list, first, gap, jitter) => {
        const marked = list.length % 2 === 0;
        let time = first;
        assertSame(
          list.map((value, i) => {
            time += gap + (jitter[i] ?? 0);
            return [time, value, marked && i % 5 === 2 ? 1 : 0];
          }),
        );
      },
    ),
    { numRuns: 1_000 },
  );
});

test('what fleets send is small: constants, counters, bytes, cents, and noise no larger than it is', () => {
  let seed = 1;
  const chance = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const bytesASample = (next: (i: number, last: number) => number): number => {
    let last = 0;
    const samples: Sample[] = [];
    for (let i = 0; i < 480; i += 1) samples.push([1.7e12 + i * 15_000, (last = next(i, last)), 0]);
    return assertSame(samples) / samples.length;
  };
  assert.ok(bytesASample(() => 42.5) < 0.1);
  assert.ok(bytesASample((_, last) => last + Math.round(chance() * 100)) < 1.1);
  assert.ok(bytesASample((i, last) => (i === 0 ? 123_456.789123456 : last) + Math.round(chance() * 100)) < 1.4);
  assert.ok(bytesASample(() => Math.round(8e9 + chance() * 1e8)) < 3.8);
  assert.ok(bytesASample(() => Math.round(chance() * 10_000) / 100) < 2);
  assert.ok(bytesASample((i, last) => (i === 0 ? 5e5 : last) + (chance() - 0.5) * 0.37) < 4.7);
  assert.ok(bytesASample(() => chance()) < 8.1);
});

test('a chunk holds at most 4096 samples', () => {
  assertSame(Array.from({ length: CHUNK_SAMPLES_LIMIT }, (_, i) => [i * 1000, Math.sqrt(i), 0]));
});

test('damaged chunks are refused or read as something, never a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
      const sink = new ByteSink();
      sink.raw(bytes);
      const columns = decode(sink);
      assert.ok(columns === null || columns.size <= CHUNK_SAMPLES_LIMIT);
    }),
    { numRuns: 5_000 },
  );
  fc.assert(
    fc.property(values, fc.nat(), fc.nat(255), (list, place, byte) => {
      const sink = encode(list.map((value, i) => [i * 1_000, value, 0]));
      sink.bytes[place % sink.at] = byte;
      decode(sink);
      decode(sink, place % sink.at);
    }),
    { numRuns: 1_000 },
  );
});
