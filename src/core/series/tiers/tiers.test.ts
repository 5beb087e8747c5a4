import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY, HOUR, MINUTE, SECOND, type Millis } from '../../base/time.ts';
import { evaluate } from '../../promql/evaluate.ts';
import { parseExpr } from '../../promql/parse-expr.ts';
import type { SeriesSource } from '../../promql/source.ts';
import { PartSource } from '../part-source.ts';
import { DAY_0, headOf, MemoryShelf, type Sample, WIDTHS } from './tier-fixture.test.ts';

const DAYS = 4;
const END = DAY_0 + DAYS * DAY;

/** A series with resets, gaps and ends: counters and gauges, scraped a little unpunctually. */
const series: fc.Arbitrary<readonly Sample[]> = fc
  .record({
    every: fc.constantFrom(15 * SECOND, MINUTE, 7 * MINUTE, 40 * MINUTE),
    offset: fc.constantFrom(0, 1, 7_123, 30 * SECOND),
    jitter: fc.constantFrom(0, 40),
    gauge: fc.boolean(),
    seed: fc.integer({ min: 1, max: 1e9 }),
  })
  .map(({ every, offset, jitter, gauge, seed }) => {
    let state = seed;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const samples: Sample[] = [];
    let value = 0;
    for (let at = DAY_0 + offset; at <= END; at += every) {
      const dice = random();
      if (dice < 0.004) at += Math.floor(random() * 30) * HOUR;
      if (dice > 0.99) value = 0;
      value = gauge ? Math.floor(random() * 200 - 100) : value + Math.floor(random() * 10);
      if (at > END) break;
      const time = at + Math.floor(random() * jitter);
      if (samples.length > 0 && time <= (samples.at(-1)?.at ?? 0)) continue;
      samples.push({ at: time, value: dice > 0.5 && dice < 0.504 ? 'stale' : value });
    }
    return samples;
  });

interface Answer {
  readonly values: Record<string, readonly (number | null)[]>;
  readonly tiers: readonly string[];
  readonly infos: readonly string[];
}

function ask(source: PartSource, expr: string, grid: { start: Millis; end: Millis; step: Millis }, lookback?: Millis): Answer {
  const parsed = parseExpr(expr);
  assert.ok(parsed.value !== null, expr);
  source.notes.clear();
  const outcome = evaluate(parsed.value, source satisfies SeriesSource, grid, { lookback });
  assert.ok(outcome.ok && (outcome.result.type === 'matrix' || outcome.result.type === 'vector'), expr);
  const values = Object.fromEntries(
    outcome.result.series.map((one) => [
      JSON.stringify(one.labels),
      Array.from(one.values, (value, i) => (one.present[i] === 0 ? null : value)),
    ]),
  );
  return { values, tiers: source.notes.tiers, infos: source.notes.infos };
}

function assertSame(got: Answer, wanted: Answer, label: string): number {
  let compared = 0;
  assert.deepEqual(Object.keys(got.values).sort(), Object.keys(wanted.values).sort(), label);
  for (const [key, values] of Object.entries(wanted.values)) {
    for (const [i, value] of values.entries()) {
      const other = got.values[key]?.[i] ?? null;
      const isClose = value !== null && other !== null && Math.abs(value - other) <= 1e-9 * Math.max(1, Math.abs(value));
      assert.ok(isClose || Object.is(value, other), `${label} ${key} at ${i}: ${other} instead of ${value}`);
      if (value !== null) compared += 1;
    }
  }
  return compared;
}

const FUNCTIONS = ['min', 'max', 'sum', 'count', 'avg', 'first', 'last', 'present', 'absent', 'ts_of_first', 'ts_of_last'].map(
  (name) => `${name}_over_time`,
);
const EXACT = [...FUNCTIONS, 'rate', 'increase', 'delta'];

test('windows that begin and end with buckets are answered from them as from the samples, across the seam to the samples', () => {
  const grid = fc.record({
    func: fc.constantFrom(...EXACT, ''),
    width: fc.constantFrom(...WIDTHS),
    times: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 5 }),
    seam: fc.integer({ min: 1, max: DAYS }),
    lookback: fc.constantFrom(5 * MINUTE, 2 * HOUR),
  });
  let rolled = 0;
  let compared = 0;
  fc.assert(
    fc.property(fc.array(series, { minLength: 1, maxLength: 3 }), grid, (lists, { func, width, times, stride, seam, lookback }) => {
      const head = headOf(lists, 0);
      const whole = new PartSource(head);
      const from = DAY_0 - DAY;
      const until = DAY_0 + seam * DAY;
      const kept = WIDTHS.map((every) => ({ every, from, until }));
      const tiers = new PartSource(
        headOf(lists, until),
        new MemoryShelf(head, { every: 0, from: until, until: Number.POSITIVE_INFINITY }, kept),
      );
      const expr = func === '' ? 'm_total' : `${func}(m_total[${(width * times) / SECOND}s])`;
      const query = { start: DAY_0, end: END, step: width * stride };
      const got = ask(tiers, expr, query, lookback);
      if (got.tiers.some((tier) => tier !== 'raw')) rolled += 1;
      assert.deepEqual(got.infos, []);
      compared += assertSame(
        got,
        ask(whole, expr, query, lookback),
        `${expr} step ${query.step / MINUTE}m seam ${seam}, look-back ${lookback}`,
      );
    }),
    { numRuns: 150 },
  );
  assert.ok(rolled > 100 && compared > 5_000, `${rolled} answers came from buckets, ${compared} values were compared`);
});
