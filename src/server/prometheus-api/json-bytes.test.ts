import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatValue } from '../../core/promql/number.ts';
import { JsonBytes } from './json-bytes.ts';

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
  fc.assert(
    fc.property(fc.oneof(fc.double(), decimal, whole, fc.float()), (value) => written(value) === formatValue(value)),
    { numRuns: 3_000 },
  );
});

test('pieces are what was written, however long', () => {
  const json = new JsonBytes();
  let expected = '';
  let got = '';
  for (let i = 0; i < 3_000; i += 1) {
    json.text(`"é${i}"`);
    const value = Math.floor(i / 3) / 4;
    json.framed(Buffer.from(',['), value, Buffer.from(']'));
    expected += `"é${i}",[${value}]`;
    if (i % 700 === 0) got += json.take().toString();
  }
  assert.equal(got + json.take().toString(), expected);
  assert.equal(json.take().length, 0);
});
