import assert from 'node:assert/strict';
import test from 'node:test';
import { labelsKey } from '../../../src/core/base/labels.ts';
import { evaluate } from '../../../src/core/promql/evaluate.ts';
import { formatExpr } from '../../../src/core/promql/format-expr.ts';
import { formatHistogram } from '../../../src/core/promql/histogram-format.ts';
import { parseExpr } from '../../../src/core/promql/parse-expr.ts';
import type { QueryOutcome } from '../../../src/core/promql/result.ts';
import type { SeriesSource } from '../../../src/core/promql/source.ts';
import { samplesOf, type Sample } from './compare.ts';
import { headStore } from './head-store.ts';
import { fillMixed, MIXED_START, MIXED_STEP, MixedExpression } from './random-mixed.ts';
import { randomOf } from './random-expression.ts';
import { memoryStore } from './runner.ts';

const SEED = Number(process.env['TOCSIN_SEED'] ?? Math.floor(Math.random() * 1e9));
const COUNT = Number(process.env['TOCSIN_QUERIES'] ?? 300);
const START = MIXED_START + 13 * MIXED_STEP + 7;
const STEP = 95_000;
const STEPS = 6;

/** A number up to the digits that the order of summing moves; a histogram as text (what is known of resets may differ from store to store). */
function shown({ value, histogram }: Sample): string {
  const rounded = (text: string): string =>
    text.replace(/-?\d+\.?\d*(?:e[+-]?\d+)?/g, (number) => String(Number(Number(number).toPrecision(7))));
  return histogram === null
    ? rounded(String(value))
    : `${histogram.hint === 'gauge' ? 'gauge ' : ''}${rounded(formatHistogram(histogram))}`;
}

/** What the outcome says about one instant: its elements by labels, or the error. */
function at(outcome: QueryOutcome, time: number): Map<string, string> | string {
  if (!outcome.ok) return outcome.message;
  const { result } = outcome;
  const points = new Map<string, string>();
  if (result.type === 'vector' || result.type === 'matrix') {
    for (const series of result.series) {
      for (const sample of samplesOf(series)) if (sample.time === time) points.set(labelsKey(sample.labels), shown(sample));
    }
  }
  return points;
}

function isPlus(value: unknown): value is { readonly expr: unknown } {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'unary' && 'op' in value && value.op === '+';
}

/** The tree without the places in the text. */
function bareTree(expr: unknown): string {
  return JSON.stringify(expr, (key, value: unknown) => {
    if (key === 'from' || key === 'to' || key === 'opSpan' || key === 'text' || key === 'test') return undefined;
    // Infinity is printed with its sign.
    if (isPlus(value)) return value.expr;
    // Matchers are printed in order.
    if (key === 'matchers' && Array.isArray(value)) return value.map((matcher) => JSON.stringify(matcher)).sort();
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });
}

test('whatever is asked of whatever is stored: an answer or an error, the same at every instant and from both stores', (t) => {
  t.diagnostic(`seed ${SEED}: repeat with TOCSIN_SEED=${SEED}`);
  const memory = memoryStore();
  const head = headStore();
  fillMixed(memory, randomOf(SEED));
  fillMixed(head, randomOf(SEED));
  const expressions = new MixedExpression(randomOf(SEED + 1));
  let answered = 0;
  for (let index = 0; index < COUNT; index += 1) {
    const text = expressions.next();
    const { value: expr, problems } = parseExpr(text);
    assert.ok(expr, `seed ${SEED}: ${text}: ${problems[0]?.message}`);
    const printed = parseExpr(formatExpr(expr));
    assert.ok(printed.value, `seed ${SEED}: ${text} is printed as ${formatExpr(expr)}: ${printed.problems[0]?.message}`);
    assert.equal(bareTree(printed.value), bareTree(expr), `seed ${SEED}: ${text} is printed as ${formatExpr(expr)}`);
    const ask = (source: SeriesSource, start: number, end: number): QueryOutcome =>
      evaluate(expr, source, { start, end, step: STEP }, { text, maxSamples: 1_000_000 });
    const range = ask(memory.source, START, START + (STEPS - 1) * STEP);
    const stored = ask(head.source, START, START + (STEPS - 1) * STEP);
    assert.equal(range.ok, stored.ok, `seed ${SEED}: ${text}`);
    assert.deepEqual([...stored.warnings].sort(), [...range.warnings].sort(), `seed ${SEED}: ${text}: warnings from the store`);
    assert.deepEqual([...stored.infos].sort(), [...range.infos].sort(), `seed ${SEED}: ${text}: infos from the store`);
    let failed = false;
    for (let step = 0; step < STEPS; step += 1) {
      const time = START + step * STEP;
      assert.deepEqual(at(stored, time), at(range, time), `seed ${SEED}: ${text} from the store at step ${step}`);
      const instant = at(ask(memory.source, time, time), time);
      failed ||= typeof instant === 'string';
      if (typeof instant !== 'string' && range.ok) {
        answered += instant.size;
        assert.deepEqual(at(range, time), instant, `seed ${SEED}: ${text} at step ${step}`);
      }
    }
    if (failed) assert.equal(range.ok, false, `seed ${SEED}: ${text} fails at an instant, but not as a range`);
  }
  assert.ok(answered > COUNT, `only ${answered} elements in all answers`);
});
