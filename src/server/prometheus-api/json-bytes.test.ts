import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatValue } from '../../core/promql/number.ts';
import { JsonBytes, PointHeads } from './json-bytes.ts';

const written = (value: number): string => {
  const json = new JsonBytes();
  json.number(value);
  return json.take().toString();
};

test('a number has the shortest text that reads back as it', () => {
  const values = [
    0,
    -0,
    1,
    -1,
    10,
    0.1,
    0.01,
    0.05,
    1.5,
    -2.25,
    99.99,
    1e9,
    999_999_999,
    1_000_000_000.25,
    1e13 - 0.01,
    1e15,
    1e20,
    1e21,
    5e-324,
  ];
  for (const value of [...values, 2 ** 53, 4e-7, 0.30000000000000004, 1.005, Number.NaN, Number.POSITIVE_INFINITY, -1e300]) {
    assert.equal(written(value), formatValue(value));
  }
  const decimal = fc.tuple(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.integer({ min: 0, max: 6 })).map(([n, e]) => n / 10 ** e);
  const whole = fc.maxSafeInteger();
  const usual = fc.double({ min: 2 ** -8, max: 2 ** 53, noNaN: true }).chain((most) => fc.double({ min: -most, max: most, noNaN: true }));
  const steps = fc.tuple(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), fc.nat(1_000_000)).map(([first, n]) => first + n * 0.25);
  fc.assert(
    fc.property(fc.oneof(fc.double(), decimal, whole, fc.float(), usual, steps), (value) => written(value) === formatValue(value)),
    { numRuns: 6_000 },
  );
});

test('pieces are what was written, however long', () => {
  const json = new JsonBytes();
  const heads = new PointHeads();
  let expected = '';
  let got = '';
  for (let i = 0; i < 3_000; i += 1) {
    json.text(`"é${i}"`);
    const value = Math.floor(i / 3) / 4;
    const head = `,[${'1'.repeat(i % 20)},"`;
    heads.put(i % 90, head);
    json.point(heads, i % 90, Float64Array.of(-1, value), 1);
    expected += `"é${i}"${head}${value}"]`;
    if (i % 700 === 0) got += json.take().toString();
  }
  assert.equal(got + json.take().toString(), expected);
  assert.equal(json.take().length, 0);
});
