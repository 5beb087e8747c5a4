import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evaluate } from './evaluate.ts';
import { parseExpr } from './parse-expr.ts';

const START = 1_000_000;
const sample = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -20, max: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY) },
);
const gap = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: 20, max: 400 }) },
);

test('the extremes of windows are those of their samples, however windows and samples follow one another', () => {
  const shape = fc.record({
    list: fc.array(fc.tuple(gap, sample), { minLength: 1, maxLength: 200 }),
    range: fc.integer({ min: 1, max: 120 }),
    step: fc.integer({ min: 1, max: 60 }),
    times: fc.boolean(),
  });
  fc.assert(
    fc.property(shape, ({ list, range, step, times: isMultiple }) => {
      let at = START;
      const times = Float64Array.from(list, ([wait]) => (at += wait * 1000));
      const values = Float64Array.from(list, ([, value]) => value);
      const length = isMultiple ? step * ((range % 5) + 1) : range;
      const source = { select: () => [{ labels: { __name__: 'm' }, times, values }] };
      const grid = { start: START, end: START + 2_000_000, step: step * 1000 };
      for (const [func, pick] of [
        ['max_over_time', Math.max],
        ['min_over_time', Math.min],
      ] as const) {
        const { value: expr } = parseExpr(`${func}(m[${length}s])`);
        assert.ok(expr !== null);
        const outcome = evaluate(expr, source, grid);
        assert.ok(outcome.ok && outcome.result.type === 'matrix');
        const [found] = outcome.result.series;
        for (let i = 0; grid.start + i * grid.step <= grid.end; i += 1) {
          const end = grid.start + i * grid.step;
          const inside = [...values].filter((_, k) => (times[k] ?? 0) > end - length * 1000 && (times[k] ?? 0) <= end);
          assert.equal(found?.present[i] ?? 0, inside.length > 0 ? 1 : 0);
          const numbers = inside.filter((value) => !Number.isNaN(value));
          if (inside.length > 0) assert.equal(found?.values[i], numbers.length > 0 ? pick(...numbers) : Number.NaN);
        }
      }
    }),
    { numRuns: 300 },
  );
});
