import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY, HOUR, MINUTE, SECOND, type Millis } from '../../base/time.ts';
import { evaluate } from '../../promql/evaluate.ts';
import { CUSTOM_SCHEMA, type Histogram, NO_BUCKETS } from '../../promql/histogram.ts';
import { compactBuckets } from '../../promql/histogram-math.ts';
import { parseExpr } from '../../promql/parse-expr.ts';
import { PartSource } from '../part-source.ts';
import { bucketsOf } from './bucket-sink.ts';
import { packRolls, unpackRolls } from './packed-rolls.ts';
import { DAY_0, headOf, MemoryShelf, type Sample, WIDTHS } from './tier-fixture.test.ts';

const DAYS = 3;
const END = DAY_0 + DAYS * DAY;
const BOUNDS = [
  [0.1, 0.5, 1, 5],
  [0.1, 1, 5, 10],
] as const;

interface Shape {
  readonly every: Millis;
  readonly offset: Millis;
  readonly kind: 'counter' | 'gauge' | 'custom' | 'mixed' | 'both layouts';
  readonly seed: number;
}

/** Histograms of a process that is started anew now and then, with another resolution, and makes its buckets wider while it runs. */
function samplesOf({ every, offset, kind, seed }: Shape): Sample[] {
  let state = seed;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const samples: Sample[] = [];
  const counts = new Map<number, number>();
  let schema = 3;
  let layout = 0;
  let custom = kind === 'custom';
  let zeroThreshold = 0.001;
  const restart = (): void => {
    counts.clear();
    schema = 1 + Math.floor(random() * 4);
    layout = Math.floor(random() * 2);
    zeroThreshold = random() < 0.5 ? 0.001 : 0.01;
    if (kind === 'both layouts') custom = random() < 0.5;
  };
  for (let at = DAY_0 + offset; at <= END; at += every) {
    const dice = random();
    if (dice < 0.004) at += Math.floor(random() * 20) * HOUR;
    if (dice > 0.985 || kind === 'gauge') restart();
    if (at > END) break;
    for (let i = 0; i < 4; i += 1) {
      const index = Math.floor(random() * 5);
      counts.set(index, (counts.get(index) ?? 0) + Math.floor(random() * 9));
    }
    if (dice > 0.5 && dice < 0.505) samples.push({ at, value: 'stale' });
    else if (kind === 'mixed' && dice > 0.4 && dice < 0.5) samples.push({ at, value: Math.floor(dice * 10_000) });
    else
      samples.push({
        at,
        value: histogramOf(counts, { schema, custom, bounds: BOUNDS[layout] ?? [], zeroThreshold, gauge: kind === 'gauge' }),
      });
  }
  return samples;
}

interface Layout {
  readonly schema: number;
  readonly custom: boolean;
  readonly bounds: readonly number[];
  readonly zeroThreshold: number;
  readonly gauge: boolean;
}

function histogramOf(counts: ReadonlyMap<number, number>, { schema, custom, bounds, zeroThreshold, gauge }: Layout): Histogram {
  const index = [...counts.keys()].sort((a, b) => a - b);
  const count = index.map((at) => counts.get(at) ?? 0);
  const total = count.reduce((sum, one) => sum + one, 0);
  const positive = { index: Int32Array.from(index), count: Float64Array.from(count) };
  const base = { hint: gauge ? ('gauge' as const) : ('unknown' as const), sum: total / 4, positive, negative: NO_BUCKETS };
  if (custom) return { ...base, schema: CUSTOM_SCHEMA, zeroThreshold: 0, zeroCount: 0, count: total, customValues: bounds };
  return { ...base, schema, zeroThreshold, zeroCount: counts.size, count: total + counts.size, customValues: [] };
}

const shape: fc.Arbitrary<Shape> = fc.record({
  every: fc.constantFrom(2 * MINUTE, 7 * MINUTE, 40 * MINUTE),
  offset: fc.constantFrom(0, 7_123),
  kind: fc.constantFrom<Shape['kind']>('counter', 'counter', 'gauge', 'custom', 'mixed', 'both layouts'),
  seed: fc.integer({ min: 1, max: 1e9 }),
});

interface Answer {
  readonly values: Record<string, readonly (number | Histogram | null)[]>;
  readonly tiers: readonly string[];
  readonly warnings: readonly string[];
}

function ask(source: PartSource, expr: string, grid: { start: Millis; end: Millis; step: Millis }): Answer {
  const parsed = parseExpr(expr);
  assert.ok(parsed.value !== null, expr);
  source.notes.clear();
  const outcome = evaluate(parsed.value, source, grid);
  assert.ok(outcome.ok && (outcome.result.type === 'matrix' || outcome.result.type === 'vector'), expr);
  const values = Object.fromEntries(
    outcome.result.series.map((one) => [
      JSON.stringify(one.labels),
      Array.from(one.values, (value, i) => (one.present[i] === 0 ? null : one.present[i] === 1 ? value : (one.histograms?.[i] ?? null))),
    ]),
  );
  return { values, tiers: source.notes.tiers, warnings: [...outcome.warnings, ...source.notes.infos] };
}

function isClose(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
}

function isSame(a: number | Histogram | null, b: number | Histogram | null): boolean {
  if (a === null || b === null) return a === b;
  if (typeof a === 'number' || typeof b === 'number') return typeof a === 'number' && typeof b === 'number' && isClose(a, b);
  const left = compactBuckets(a.positive);
  const right = compactBuckets(b.positive);
  const isSameLayout =
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    a.customValues.join() === b.customValues.join() &&
    a.hint === b.hint &&
    left.index.join() === right.index.join();
  return (
    isSameLayout &&
    isClose(a.count, b.count) &&
    isClose(a.sum, b.sum) &&
    isClose(a.zeroCount, b.zeroCount) &&
    left.count.every((one, i) => isClose(one, right.count[i] ?? 0))
  );
}

function assertSame(got: Answer, wanted: Answer, label: string): number {
  let compared = 0;
  assert.deepEqual(Object.keys(got.values).sort(), Object.keys(wanted.values).sort(), label);
  for (const [key, values] of Object.entries(wanted.values)) {
    for (const [i, value] of values.entries()) {
      const other = got.values[key]?.[i] ?? null;
      if (!isSame(other, value)) assert.deepEqual(other, value, `${label} ${key} at ${i}`);
      if (value !== null && typeof value === 'object') compared += 1;
    }
  }
  assert.deepEqual(got.warnings, wanted.warnings, label);
  return compared;
}

const FUNCTIONS = ['sum', 'count', 'avg', 'min', 'max', 'first', 'last', 'present', 'absent', 'ts_of_first', 'ts_of_last'].map(
  (name) => (text: string) => `${name}_over_time(${text})`,
);
const EXACT = [
  ...FUNCTIONS,
  ...['rate', 'increase', 'delta', 'rate', 'increase'].map((name) => (text: string) => `${name}(${text})`),
  (text: string) => `histogram_quantile(0.9, sum(rate(${text})))`,
  (text: string) => `histogram_count(increase(${text}))`,
  (text: string) => text.slice(0, text.indexOf('[')),
  (text: string) => `histogram_count(${text.slice(0, text.indexOf('['))})`,
];

test('native histograms are answered from buckets as from the samples, across the seam to the samples', () => {
  const grid = fc.record({
    func: fc.constantFrom(...EXACT),
    width: fc.constantFrom(...WIDTHS),
    times: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 4 }),
    seam: fc.integer({ min: 1, max: DAYS }),
  });
  let rolled = 0;
  let compared = 0;
  fc.assert(
    fc.property(fc.array(shape, { minLength: 1, maxLength: 2 }), grid, (shapes, { func, width, times, stride, seam }) => {
      const lists = shapes.map(samplesOf);
      const head = headOf(lists, 0);
      const from = DAY_0 - DAY;
      const until = DAY_0 + seam * DAY;
      const kept = WIDTHS.map((every) => ({ every, from, until }));
      const shelf = new MemoryShelf(head, { every: 0, from: until, until: Number.POSITIVE_INFINITY }, kept);
      const expr = func(`m_total[${(width * times) / SECOND}s]`);
      const query = { start: DAY_0, end: END, step: width * stride };
      // What a stored histogram says of the one before it stays when that one is deleted.
      const got = ask(new PartSource(headOf(lists, until - 2 * DAY), shelf), expr, query);
      if (got.tiers.some((tier) => tier !== 'raw')) rolled += 1;
      const kinds = shapes.map(({ kind }) => kind).join(' and ');
      compared += assertSame(got, ask(new PartSource(head), expr, query), `${expr} step ${query.step / MINUTE}m seam ${seam}: ${kinds}`);
    }),
    { numRuns: 80 },
  );
  assert.ok(rolled > 50 && compared > 1_000, `${rolled} answers came from buckets, ${compared} histograms were compared`);
});

test('of buckets that were made before they told of histograms, the samples are asked as long as they are there', () => {
  const lists = [samplesOf({ every: 7 * MINUTE, offset: 0, kind: 'counter', seed: 5 })];
  const head = headOf(lists, 0);
  const kept = WIDTHS.map((every) => ({ every, from: DAY_0 - DAY, until: END }));
  const query = { start: DAY_0 + DAY, end: END, step: HOUR };
  for (const from of [0, END]) {
    const shelf = new MemoryShelf(head, { every: 0, from, until: Number.POSITIVE_INFINITY }, kept, 'without histograms');
    const got = ask(new PartSource(headOf(lists, from), shelf), 'rate(m_total[1h])', query);
    if (from === 0) assert.ok(assertSame(got, ask(new PartSource(head), 'rate(m_total[1h])', query), 'old buckets') > 20);
    else assert.deepEqual(got.values, {});
  }
});

test('what buckets know of histograms travels to another thread', () => {
  const lists = [samplesOf({ every: 7 * MINUTE, offset: 0, kind: 'both layouts', seed: 77 })];
  const head = headOf(lists, 0);
  const kept = WIDTHS.map((every) => ({ every, from: DAY_0 - DAY, until: END }));
  const source = new PartSource(head, new MemoryShelf(head, { every: 0, from: END, until: Number.POSITIVE_INFINITY }, kept));
  for (const func of ['rate', 'sum_over_time', 'count_over_time']) {
    const windows = { start: DAY_0, step: HOUR };
    const [series] = source.select([], DAY_0, END, { step: HOUR, func, range: HOUR, windows });
    const { histograms: rolled = [], histogramEnds: ends = new Float64Array(0) } = series?.buckets ?? {};
    assert.ok(rolled.length > 20);
    const sent = unpackRolls(structuredClone(packRolls({ to: Uint32Array.of(rolled.length), ends, rolled })));
    const again = bucketsOf({ stretches: [], to: Uint32Array.of(0), columns: [], histograms: sent }, 0);
    assert.deepEqual(again?.histograms, rolled);
    assert.deepEqual(again.histogramEnds, ends);
  }
});
