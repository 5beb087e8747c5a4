import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY, HOUR, MINUTE, type Millis } from '../../../core/base/time.ts';
import { evaluate } from '../../../core/promql/evaluate.ts';
import { type Histogram, NO_BUCKETS } from '../../../core/promql/histogram.ts';
import { parseExpr } from '../../../core/promql/parse-expr.ts';
import { DEFAULT_RULES } from '../../../core/series/head.ts';
import { encodeWriteRequest } from '../../../core/wire/encode-write.ts';
import { deleteSamples } from '../deleting.ts';
import { SeriesEngine } from '../engine.ts';
import { DEFAULT_KEEPING } from '../keeper.ts';
import type { TierRule } from './tier-keeper.ts';

const DAY_0 = 20_000 * DAY;
const TIERS: readonly TierRule[] = [
  { every: 5 * MINUTE, keep: 30 * DAY },
  { every: HOUR, keep: 200 * DAY },
  { every: DAY, keep: 2_000 * DAY },
];
const root = mkdtempSync(join(tmpdir(), 'tocsin-tier-histograms-'));
after(() => rmSync(root, { recursive: true, force: true }));

function open(name: string, retention: Millis, tiers = TIERS): SeriesEngine {
  return new SeriesEngine({
    folder: join(root, name),
    rules: { ...DEFAULT_RULES, retention },
    bodyLimitBytes: 1 << 24,
    decodedLimitBytes: 1 << 25,
    segmentBytes: 1 << 20,
    minFreeBytes: 0,
    keeping: { ...DEFAULT_KEEPING, tiers },
  });
}

/** A counter of 24 buckets that starts anew every 1 000 minutes, each time at another resolution. */
function histogramAt(series: number, at: Millis): Histogram {
  const minute = Math.floor((at - DAY_0) / MINUTE);
  const since = minute % 1_000;
  const index = Int32Array.from({ length: 24 }, (_, i) => i - 6);
  const count = Float64Array.from(index, (_, i) => Math.floor((since * ((i % 5) + series)) / 3));
  const total = count.reduce((sum, one) => sum + one, 0);
  const schema = 1 + (Math.floor(minute / 1_000) % 3);
  const base = { hint: 'unknown', zeroThreshold: 0.001, zeroCount: since, negative: NO_BUCKETS, customValues: [] } as const;
  return { ...base, schema, count: total + since, sum: total / 3, positive: { index, count } };
}

/** So much time goes by between two looks at what is due. */
const SHIFT = 6 * HOUR;

async function live(engines: readonly SeriesEngine[], from: Millis, to: Millis): Promise<void> {
  for (let begin = from; begin < to; begin += SHIFT) {
    const list = [1, 2, 3].map((series) => ({
      labels: { __name__: 'seconds', i: String(series) },
      samples: Array.from({ length: SHIFT / (2 * MINUTE) }, (_, k) => ({
        at: begin + (k + 1) * 2 * MINUTE,
        value: histogramAt(series, begin + (k + 1) * 2 * MINUTE),
      })),
    }));
    const body = encodeWriteRequest(list).slice();
    for (const engine of engines) {
      const outcome = engine.write({ body, encoding: 'none', source: 'load', protocol: 1, at: begin + SHIFT });
      assert.deepEqual('error' in outcome ? outcome : outcome.refused, []);
      await engine.keeper.keep(begin + SHIFT);
      assert.equal(engine.keeper.problem, null);
    }
  }
}

type Grid = { readonly start: Millis; readonly end: Millis; readonly step: Millis };

function ask(engine: SeriesEngine, expr: string, grid: Grid): { readonly answer: unknown; readonly tiers: string } {
  const { value } = parseExpr(expr);
  assert.ok(value !== null);
  engine.source.notes.clear();
  const outcome = evaluate(value, engine.source, grid);
  assert.ok(outcome.ok && (outcome.result.type === 'matrix' || outcome.result.type === 'vector'));
  const plain = (one: Histogram | null | undefined): unknown =>
    one && [
      one.schema,
      one.count.toFixed(6),
      one.sum.toFixed(6),
      ...Array.from(one.positive.count, (count, i) => `${one.positive.index[i]}: ${count.toFixed(6)}`),
    ];
  const answer = outcome.result.series
    .map(({ labels, values, present, histograms }) => [
      labels['i'] ?? '',
      Array.from(values, (one, i) => (present[i] === 0 ? null : present[i] === 1 ? one.toFixed(6) : plain(histograms?.[i]))),
    ])
    .sort();
  return { answer, tiers: engine.source.notes.tiers.join() };
}

const EXPRESSIONS = [
  'seconds',
  'increase(seconds[1h])',
  'histogram_quantile(0.9, sum(rate(seconds[2h])))',
  'sum_over_time(seconds[1h])',
  'histogram_count(seconds)',
  'count_over_time(seconds[3h])',
];

function assertSame(tiered: SeriesEngine, whole: SeriesEngine, grid: Grid, tiers: string): void {
  for (const expr of EXPRESSIONS) {
    const wanted = ask(whole, expr, grid);
    assert.ok((wanted.answer as unknown[]).length > 0);
    const got = ask(tiered, expr, grid);
    assert.deepEqual(got.answer, wanted.answer, expr);
    assert.equal(got.tiers, tiers, expr);
  }
}

test('native histograms outlive their samples in all tiers, across a restart, and go where they are deleted', async () => {
  const whole = open('whole', Number.POSITIVE_INFINITY, []);
  let engine = open('life', 2 * DAY);
  const now = DAY_0 + 6 * DAY;
  await live([whole, engine], DAY_0, now);
  assert.ok(
    engine.keeper.blocks.blocks.every(({ minTime }) => minTime >= DAY_0 + 3 * DAY),
    'old samples are deleted',
  );
  const hours = { start: DAY_0 + 12 * HOUR, end: now, step: HOUR };
  const days = { start: DAY_0 + DAY, end: DAY_0 + 5 * DAY, step: DAY };
  assertSame(engine, whole, hours, 'raw,1h');
  const daily = 'increase(seconds[1d])';
  assert.deepEqual(ask(engine, daily, days), { answer: ask(whole, daily, days).answer, tiers: '1d' });
  const from = DAY_0 + DAY + 7 * HOUR + 1;
  for (const one of [whole, engine]) {
    for (const [i, to] of [
      ['1', DAY_0 + 4 * DAY + 9 * HOUR],
      ['2', now],
    ] as const) {
      const selectors = [[{ name: 'i', op: '=', value: i } as const]];
      assert.equal(await deleteSamples(one, { from, to, selectors, at: now }, (work) => work()), null);
    }
  }
  assertSame(engine, whole, hours, 'raw,5m,1h');
  await engine.close();
  engine = open('life', 2 * DAY);
  assertSame(engine, whole, hours, 'raw,5m,1h');
  await engine.keeper.keep(now + 1);
  assert.equal(engine.keeper.problem, null);
  assertSame(engine, whole, hours, 'raw,1h');
  assert.ok((engine.keeper.tiers?.merges ?? 0) >= 0);
  await engine.close();
  await whole.close();
});
