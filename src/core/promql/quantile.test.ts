import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quantileOf, sortFloats, takeQuantile } from './quantile.ts';

const value = fc.oneof(
  { weight: 4, arbitrary: fc.double() },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
);
const rank = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 0.5, -1, 2, Number.NaN));

function assertSame(q: number, list: readonly number[]): void {
  const expected = quantileOf(q, sortFloats(Float64Array.from(list)));
  const found = takeQuantile(q, Float64Array.from(list));
  // Which zero comes first is not said.
  assert.equal(found + 0, expected + 0);
}

test('a quantile of values in any order is that of sorted values', () => {
  fc.assert(fc.property(rank, fc.array(value, { maxLength: 300 }), assertSame), { numRuns: 500 });
});

test('values in an order against the selection take no longer than sorting', () => {
  const size = 50_000;
  const saw = Array.from({ length: size }, (_, i) => (i % 2 === 0 ? i : size - i));
  const pipe = Array.from({ length: size }, (_, i) => Math.min(i, size - i));
  const same = Array.from({ length: size }, () => 1);
  for (const list of [saw, pipe, same, saw.toSorted((a, b) => a - b)]) for (const q of [0, 0.1, 0.5, 0.9, 1]) assertSame(q, list);
});
