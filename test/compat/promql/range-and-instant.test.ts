import assert from 'node:assert/strict';
import test from 'node:test';
import { evaluate } from '../../../src/core/promql/evaluate.ts';
import { formatExpr } from '../../../src/core/promql/format-expr.ts';
import { parseExpr } from '../../../src/core/promql/parse-expr.ts';
import type { QueryOutcome } from '../../../src/core/promql/result.ts';
import { samplesOf } from './compare.ts';
import { RandomExpression, randomOf } from './random-expression.ts';
import { DATA_START, randomSeries, toSource } from './random-series.ts';

const SEED = Number(process.env['TOCSIN_SEED'] ?? Math.floor(Math.random() * 1e9));
const START = DATA_START - 7 + 3_603_000;
const STEP = 300_000;
const STEPS = 5;

/** The samples of a result at one instant. */
function at(outcome: QueryOutcome, time: number): Map<string, number> | string {
  if (!outcome.ok) return outcome.message;
  const points = new Map<string, number>();
  if (outcome.result.type === 'scalar') points.set('[]', rounded(outcome.result.value));
  else if (outcome.result.type !== 'string') {
    for (const series of outcome.result.series) {
      for (const sample of samplesOf(series))
        if (sample.time === time) points.set(JSON.stringify(Object.entries(series.labels).sort()), rounded(sample.value));
    }
  }
  return points;
}

/** Sorting reorders what is summed up in an instant query only, which moves the last digits. */
function rounded<T>(value: T): T | number {
  return typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(11)) : value;
}

test('a range query is the same query at many instants', (t) => {
  t.diagnostic(`seed ${SEED}: repeat with TOCSIN_SEED=${SEED}`);
  const random = randomOf(SEED);
  const source = toSource(randomSeries(random));
  const expressions = new RandomExpression(random);
  for (let index = 0; index < 250; index += 1) {
    const text = expressions.next();
    // The ends of the query are others for each instant.
    if (/@ (?:start|end)/.test(text)) continue;
    const { value, problems } = parseExpr(text);
    assert.ok(value, `${text}: ${problems[0]?.message}`);
    assert.equal(formatExpr(parseExpr(formatExpr(value)).value ?? value), formatExpr(value), text);
    const range = evaluate(value, source, { start: START, end: START + (STEPS - 1) * STEP, step: STEP }, { text });
    for (let step = 0; step < STEPS; step += 1) {
      const time = START + step * STEP;
      const instant = at(evaluate(value, source, { start: time, end: time, step: 0 }, { text }), time);
      // An error at one instant is the error of the range.
      if (typeof instant === 'string') assert.equal(range.ok, false, `seed ${SEED}: ${text}`);
      else if (range.ok) assert.deepEqual(at(range, time), instant, `seed ${SEED}: ${text} at step ${step}`);
    }
  }
});
