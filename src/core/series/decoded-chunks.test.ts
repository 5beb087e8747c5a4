import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Columns } from './columns.ts';
import { DecodedChunks } from './decoded-chunks.ts';

function columnsOf(samples: readonly (readonly [time: number, value: number, stale?: number])[]): Columns {
  const columns = new Columns(4);
  for (const [time, value, stale = 0] of samples) columns.add(time, value, stale);
  return columns;
}

const regular = (first: number, count: number, step = 15): Columns =>
  columnsOf(Array.from({ length: count }, (_, i) => [first + i * step, i / 3] as const));

function read(chunks: DecodedChunks, key: number, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY): unknown {
  const out = new Columns(1);
  if (!chunks.read(key, from, to, out)) return null;
  return Array.from({ length: out.size }, (_, i) => [out.times[i], out.values[i], out.stale[i]]);
}

test('a chunk is there from the second time on, and gives what lies between the times', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 16, max: 60 }), fc.integer(), fc.integer(), (first, count, a, b) => {
      const chunks = new DecodedChunks();
      const samples = columnsOf([[first - 1, 7]]);
      samples.append(regular(first, count));
      chunks.offer(1, samples, 1);
      assert.equal(read(chunks, 1), null);
      chunks.offer(1, samples, 1);
      const all = Array.from({ length: count }, (_, i) => [first + i * 15, i / 3, 0]);
      assert.deepEqual(read(chunks, 1), all);
      const [from, to] = [first + (a % 1_000), first + (b % 1_000)];
      assert.deepEqual(
        read(chunks, 1, from, to),
        all.filter(([time = 0]) => time >= from && time <= to),
      );
    }),
  );
});

test('what is not regular numbers is not kept', () => {
  const chunks = new DecodedChunks();
  const gap = regular(0, 20);
  gap.add(1_000, 1, 0);
  const stale = regular(0, 20);
  stale.add(300, 0, 1);
  const started = regular(0, 20);
  started.start(0, 20, 5);
  for (const [key, columns] of [gap, stale, started, regular(0, 3)].entries()) {
    for (let time = 0; time < 3; time += 1) chunks.offer(key, columns, 0);
    assert.equal(read(chunks, key), null);
  }
  assert.equal(chunks.bytes, 0);
});

test('it stays within its limit; what is read again and again stays, what is forgotten is gone', () => {
  const chunks = new DecodedChunks(100_000);
  const hot = 7;
  const samples = regular(0, 100);
  for (let round = 0; round < 40; round += 1) {
    for (let key = 0; key < 1_000; key += 1) {
      chunks.offer(key, samples, 0);
      chunks.read(hot, 0, 0, new Columns(1));
    }
    assert.ok(chunks.bytes <= 100_000);
  }
  assert.ok(chunks.bytes > 90_000);
  assert.notEqual(read(chunks, hot), null);
  chunks.forget(0, 8);
  assert.equal(read(chunks, hot), null);
  chunks.forget(0, 1_000);
  assert.equal(chunks.bytes, 0);
});
