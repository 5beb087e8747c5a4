import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatFloat } from './go-float.ts';

test('the cases in which rounding shows', () => {
  const cases: readonly (readonly [number, 'e' | 'f' | 'g', number | null, string])[] = [
    [0.5, 'f', 0, '0'],
    [1.5, 'f', 0, '2'],
    [2.5, 'f', 0, '2'],
    [70.5, 'f', 0, '70'],
    [0.125, 'f', 2, '0.12'],
    [0.375, 'f', 2, '0.38'],
    [1.005, 'f', 2, '1.00'],
    [-2.5, 'f', 0, '-2'],
    [-0, 'f', 1, '-0.0'],
    [1e22, 'f', 1, '10000000000000000000000.0'],
    [12345, 'e', 3, '1.234e+04'],
    [12355, 'e', 3, '1.236e+04'],
    [99999, 'e', 2, '1.00e+05'],
    [9.995, 'g', 3, '9.99'],
    [99.95, 'g', 3, '100'],
    [999.95, 'g', 4, '1000'],
    [9999.5, 'g', 4, '1e+04'],
    [0.00001, 'g', 4, '1e-05'],
    [0.0001, 'g', 4, '0.0001'],
    [0, 'g', 4, '0'],
    [100, 'g', 4, '100'],
    [5e-324, 'g', 4, '4.941e-324'],
    [1.7976931348623157e308, 'g', 4, '1.798e+308'],
    [1234567, 'g', null, '1.234567e+06'],
    [Number.NaN, 'g', 4, 'NaN'],
    [Number.NEGATIVE_INFINITY, 'f', 2, '-Inf'],
  ];
  for (const [value, verb, precision, expected] of cases)
    assert.equal(formatFloat(value, verb, precision), expected, `${value} ${verb} ${precision}`);
});

test('what is printed lies within half a unit of the last digit', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 0, max: 17 }), (value, precision) => {
      const scientific = Number(formatFloat(value, 'e', precision));
      // The text read back is rounded once more, to the nearest double.
      const tolerance = Math.abs(value) * (10 ** -precision * 0.51 + Number.EPSILON) + Number.MIN_VALUE;
      assert.ok(Math.abs(scientific - value) <= tolerance || !Number.isFinite(scientific), `${value} ${precision} ${scientific}`);
      assert.equal(Number(formatFloat(value, 'g', null)), value);
      if (precision === 17) assert.equal(scientific, value);
    }),
    { numRuns: 5_000 },
  );
});
