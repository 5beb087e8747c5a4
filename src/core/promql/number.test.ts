import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { formatExponent, formatNumber, formatOpenMetrics, formatShortest, formatValue, parseNumber } from './number.ts';

test('numbers are written as Go writes them', () => {
  const values = [0, -0, 1.5, 1e20, 1e21, 1.25e-7, -2.5e-7, 0.000001, Number.NaN, Number.NEGATIVE_INFINITY];
  assert.deepEqual(values.map(formatValue), [
    '0',
    '-0',
    '1.5',
    '100000000000000000000',
    '1e+21',
    '1.25e-07',
    '-2.5e-07',
    '0.000001',
    'NaN',
    '-Inf',
  ]);
  assert.deepEqual([1e21, 1.25e-7, -2e-9].map(formatNumber), ['1000000000000000000000', '0.000000125', '-0.000000002']);
  assert.deepEqual([100_000, 1e6, 1234567.5, 0.0001, 0.00001, -1e7].map(formatShortest), [
    '100000',
    '1e+06',
    '1.2345675e+06',
    '0.0001',
    '1e-05',
    '-1e+07',
  ]);
  assert.deepEqual([1, 0, -2.5, 1e100].map(formatExponent), ['1e+00', '0e+00', '-2.5e+00', '1e+100']);
  assert.deepEqual([1, 0.5, 1e6, Number.POSITIVE_INFINITY].map(formatOpenMetrics), ['1.0', '0.5', '1e+06', '+Inf']);
});

test('every form reads back as the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      for (const format of [formatValue, formatNumber, formatShortest, formatExponent])
        assert.ok(Object.is(Number(format(value).replace('Inf', 'Infinity')), value));
    }),
  );
});

test('literals are numbers in the forms of PromQL', () => {
  assert.deepEqual(['1', '.5', '2.', '1e3', '0x1F', '017', '1_000', 'inf', '-Inf', 'NaN'].map(parseNumber), [
    1,
    0.5,
    2,
    1000,
    31,
    15,
    1000,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ]);
  for (const text of ['', '.', '1e', '0x', '1.2.3', 'abc', '--1']) assert.equal(parseNumber(text), null, text);
});
