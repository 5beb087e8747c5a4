import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY, HOUR, MINUTE, type Millis } from '../../../core/base/time.ts';
import { evaluate } from '../../../core/promql/evaluate.ts';
import { parseExpr } from '../../../core/promql/parse-expr.ts';
import { DEFAULT_RULES } from '../../../core/series/head.ts';
import { encodeWriteRequest } from '../../../core/wire/encode-write.ts';
import { damageOf } from '../damage.ts';
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
const root = mkdtempSync(join(tmpdir(), 'tocsin-tiers-'));
after(() => rmSync(root, { recursive: true, force: true }));

interface Change {
  readonly retention?: Millis;
  readonly tiers?: readonly TierRule[];
  readonly retentionBytes?: number;
}

function open(name: string, { retention = Number.POSITIVE_INFINITY, tiers = TIERS, retentionBytes }: Change = {}): SeriesEngine {
  const keeping = { ...DEFAULT_KEEPING, tiers, ...(retentionBytes !== undefined && { retentionBytes }) };
  return new SeriesEngine({
    folder: join(root, name),
    rules: { ...DEFAULT_RULES, retention },
    bodyLimitBytes: 1 << 24,
    decodedLimitBytes: 1 << 25,
    segmentBytes: 1 << 20,
    minFreeBytes: 0,
    keeping,
  });
}

/** A counter that starts anew now and then, and a gauge; one sample a minute, and gaps. */
function valueOf(series: number, at: Millis): number | 'stale' | null {
  const minute = Math.floor((at - DAY_0) / MINUTE);
  if ((minute + series * 300) % 2_000 < 100) return minute % 2_000 === 99 ? 'stale' : null;
  return series % 2 === 0 ? (minute % 777) * (series + 1) : Math.round(Math.sin(minute / 100 + series) * 1_000);
}

function write(
  engine: SeriesEngine,
  samples: readonly (readonly [series: number, at: Millis, value: number | 'stale'])[],
  now: Millis,
): void {
  const bySeries = new Map<number, { at: Millis; value: number | 'stale' }[]>();
  for (const [series, at, value] of samples) bySeries.set(series, [...(bySeries.get(series) ?? []), { at, value }]);
  const body = encodeWriteRequest(
    [...bySeries].map(([series, list]) => ({ labels: { __name__: 'm_total', i: String(series) }, samples: list })),
  );
  const outcome = engine.write({ body, encoding: 'none', source: 'load', protocol: 1, at: now });
  assert.deepEqual('error' in outcome ? outcome : outcome.refused, []);
}

/** Time goes by: samples come, and once an hour the store looks what is due. */
async function live(engines: readonly SeriesEngine[], from: Millis, to: Millis): Promise<void> {
  for (let hour = from; hour < to; hour += HOUR) {
    const samples: [number, Millis, number | 'stale'][] = [];
    for (let at = hour + MINUTE; at <= hour + HOUR; at += MINUTE) {
      for (const series of [0, 1, 2, 3]) {
        const value = valueOf(series, at);
        if (value !== null) samples.push([series, at, value]);
      }
    }
    if (samples.length > 0) for (const engine of engines) write(engine, samples, hour + HOUR);
    for (const engine of engines) {
      await engine.keeper.keep(hour + HOUR);
      assert.equal(engine.keeper.problem, null);
    }
  }
}

interface Asked {
  readonly answer: unknown;
  readonly tiers: string;
  readonly infos: readonly string[];
}

function ask(engine: SeriesEngine, expr: string, grid: { readonly start: Millis; readonly end: Millis; readonly step: Millis }): Asked {
  const { value } = parseExpr(expr);
  assert.ok(value !== null);
  engine.source.notes.clear();
  const outcome = evaluate(value, engine.source, grid);
  assert.ok(outcome.ok && (outcome.result.type === 'matrix' || outcome.result.type === 'vector'));
  const answer = outcome.result.series
    .map(({ labels, values, present }) => [
      labels['i'] ?? '',
      Array.from(values, (one, i) => (present[i] === 1 ? Number(one.toFixed(6)) : null)),
    ])
    .sort();
  return { answer, tiers: engine.source.notes.tiers.join(), infos: engine.source.notes.infos };
}

const EXPRESSIONS = [
  'm_total',
  'rate(m_total[1h])',
  'sum by (i) (increase(m_total[2h]))',
  'max_over_time(m_total[1h])',
  'min_over_time(m_total[3h])',
  'avg_over_time(m_total[1h])',
  'count_over_time(m_total[1h])',
  'last_over_time(m_total[1d])',
];

/** Answers from tiers are those of the samples, which the other engine still has. */
function assertSame(
  tiered: SeriesEngine,
  whole: SeriesEngine,
  grid: { readonly start: Millis; readonly end: Millis },
  tiers: string,
): void {
  for (const expr of EXPRESSIONS) {
    const got = ask(tiered, expr, { ...grid, step: HOUR });
    assert.deepEqual(got.answer, ask(whole, expr, { ...grid, step: HOUR }).answer, expr);
    assert.deepEqual([got.tiers, got.infos], [tiers, []], expr);
  }
}

test('days become tiers when they are over, samples go, and what is asked for is answered as before', async () => {
  const whole = open('whole', { tiers: [] });
  let engine = open('life', { retention: 3 * DAY });
  await live([whole, engine], DAY_0, DAY_0 + 9 * DAY);
  const now = DAY_0 + 9 * DAY;
  const grid = { start: DAY_0 + 12 * HOUR, end: now };
  assert.ok(engine.keeper.expired >= 4, 'old samples are deleted');
  assert.ok(engine.keeper.blocks.blocks.every(({ minTime }) => minTime >= DAY_0 + 5 * DAY));
  assertSame(engine, whole, grid, 'raw,1h');
  assert.equal(ask(engine, 'max_over_time(m_total[1d])', { start: DAY_0 + 2 * DAY, end: DAY_0 + 7 * DAY, step: DAY }).tiers, '1d');
  await engine.close();
  engine = open('life', { retention: 3 * DAY });
  assertSame(engine, whole, grid, 'raw,1h');
  await engine.close();
  await whole.close();
});

test('samples that come late change their day in all tiers, and before that the answer comes from the samples', async () => {
  const whole = open('late-whole', { tiers: [] });
  const engine = open('late');
  await live([whole, engine], DAY_0, DAY_0 + 4 * DAY);
  const made = engine.keeper.tiers?.rolled ?? 0;
  const now = DAY_0 + 4 * DAY;
  const grid = { start: DAY_0 + HOUR, end: now };
  assertSame(engine, whole, grid, 'raw,1h');
  // A series that was never seen comes with samples of the second day, among them its last midnight.
  for (const one of [whole, engine])
    for (let at = DAY_0 + DAY + HOUR; at <= DAY_0 + 2 * DAY; at += HOUR) write(one, [[9, at, at / 1e6]], now);
  assertSame(engine, whole, grid, 'raw,1h');
  await engine.keeper.flushAll();
  assertSame(engine, whole, grid, 'raw,1h');
  assert.equal(ask(engine, 'm_total', { start: DAY_0 + 2 * DAY, end: DAY_0 + 3 * DAY, step: HOUR }).tiers, 'raw', 'the day is not trusted');
  await engine.keeper.keep(now + MINUTE);
  assert.equal(ask(engine, 'm_total', { start: DAY_0 + 2 * DAY, end: DAY_0 + 3 * DAY, step: HOUR }).tiers, '1h');
  assert.equal((engine.keeper.tiers?.rolled ?? 0) - made, TIERS.length, 'the day is made anew, its neighbours are not');
  assertSame(engine, whole, grid, 'raw,1h');
  await engine.close();
  await whole.close();
});

async function remove(
  engine: SeriesEngine,
  series: string,
  window: { readonly from: Millis; readonly to: Millis },
  at: Millis,
): Promise<void> {
  const selectors = [[{ name: 'i', op: '=', value: series } as const]];
  assert.equal(await deleteSamples(engine, { ...window, selectors, at }, (work) => work()), null);
}

test('what is deleted is gone from the tiers, too: at once, after a restart, and when the files are written anew', async () => {
  const whole = open('deletion-whole', { tiers: [] });
  let engine = open('deletion', { retention: 2 * DAY });
  const now = DAY_0 + 6 * DAY;
  await live([whole, engine], DAY_0, now);
  const grid = { start: DAY_0 + HOUR, end: now };
  // One reaches from days of which only tiers are left to days that still have their samples, the other is all of a series.
  for (const one of [whole, engine]) {
    await remove(one, '1', { from: DAY_0 + 2 * DAY + 7 * HOUR + 1, to: DAY_0 + 4 * DAY + 9 * HOUR }, now);
    await remove(one, '2', { from: 0, to: now }, now);
  }
  assertSame(engine, whole, grid, 'raw,5m,1h');
  await engine.close();
  engine = open('deletion', { retention: 2 * DAY });
  assertSame(engine, whole, grid, 'raw,5m,1h');
  await engine.keeper.keep(now + 1);
  assert.equal(engine.keeper.problem, null);
  assertSame(engine, whole, grid, 'raw,1h');
  const list = JSON.parse(readFileSync(join(root, 'deletion', 'tiers', 'tiers.json'), 'utf8')) as { deletions?: unknown[] };
  assert.deepEqual(list.deletions ?? [], [], 'nothing has to be hidden any more');
  for (const one of [whole, engine]) write(one, [[2, now, 5]], now);
  await engine.close();
  engine = open('deletion', { retention: 2 * DAY });
  assertSame(engine, whole, grid, 'raw,1h');
  await engine.close();
  await whole.close();
});

test('files that a crash left are removed, and what is damaged is named and made anew while there are samples', async () => {
  const whole = open('crash-whole', { tiers: [] });
  let engine = open('crash');
  const now = DAY_0 + 4 * DAY;
  await live([whole, engine], DAY_0, now);
  const grid = { start: DAY_0 + HOUR, end: now };
  await engine.close();
  const folder = join(root, 'crash', 'tiers');
  const files = readdirSync(folder).filter((name) => name.endsWith('.tier'));
  const [victim = ''] = files.filter((name) => name.endsWith('-1h.tier'));
  copyFileSync(join(folder, victim), join(folder, '00000999-1h.tier'));
  truncateSync(join(folder, victim), 1_000);
  engine = open('crash');
  assert.ok(!readdirSync(folder).includes('00000999-1h.tier'));
  assert.deepEqual(
    damageOf(engine).map(({ where }) => where),
    [`tiers/${victim}`],
  );
  assertSame(engine, whole, { ...grid, start: DAY_0 + 2 * DAY }, 'raw,5m');
  await engine.keeper.keep(now + 1);
  assertSame(engine, whole, grid, 'raw,1h');
  await engine.close();
  writeFileSync(join(folder, 'tiers.json'), '{');
  engine = open('crash');
  assert.deepEqual(
    damageOf(engine).map(({ where }) => where),
    ['tiers/tiers.json'],
  );
  await engine.keeper.keep(now + 2);
  assert.equal(engine.keeper.problem, null);
  assertSame(engine, whole, grid, 'raw,1h');
  await engine.close();
  await whole.close();
});

test('tiers can be added, taken out and put back', async () => {
  const whole = open('config-whole', { tiers: [] });
  const none = open('config', { tiers: [] });
  const now = DAY_0 + 3 * DAY;
  await live([whole, none], DAY_0, now);
  await none.close();
  const grid = { start: DAY_0 + HOUR, end: now };
  const [five, hour, day] = TIERS as [TierRule, TierRule, TierRule];
  for (const [tiers, expected] of [
    [[hour], 'raw,1h'],
    [[five, hour, day], 'raw,1h'],
    [[five], 'raw,5m'],
    [[hour, day], 'raw,1h'],
    [[], 'raw'],
    [[five, hour, day], 'raw,1h'],
  ] as const) {
    const engine = open('config', { tiers });
    await engine.keeper.keep(now + 1);
    assert.equal(engine.keeper.problem, null);
    assertSame(engine, whole, grid, expected);
    await engine.close();
  }
  await whole.close();
});

test('when all of it takes too much, the oldest samples go first, and then the oldest of the finest tier', async () => {
  const engine = open('bytes');
  const now = DAY_0 + 6 * DAY;
  await live([engine], DAY_0, now);
  const tiers = engine.keeper.tiers;
  assert.ok(tiers !== null);
  const coarse = tiers.files.filter(({ footer }) => footer.every > 5 * MINUTE);
  const recent = engine.keeper.blocks.blocks.filter(({ maxTime }) => maxTime >= DAY_0 + 5 * DAY);
  const enough = [...coarse, ...recent].reduce((sum, { bytes }) => sum + bytes, 0);
  await engine.close();
  const small = open('bytes', { retentionBytes: enough });
  for (const later of [1, 2]) await small.keeper.keep(now + later);
  assert.equal(small.keeper.problem, null);
  assert.ok(
    small.keeper.blocks.blocks.every(({ minTime }) => minTime >= DAY_0 + 5 * DAY),
    'yesterday and today are left',
  );
  assert.deepEqual(
    small.keeper.tiers?.files.map(({ footer }) => footer.every),
    coarse.map(({ footer }) => footer.every),
  );
  assert.equal(ask(small, 'count_over_time(m_total[1h])', { start: DAY_0 + HOUR, end: DAY_0 + DAY, step: HOUR }).tiers, '1h');
  await small.close();
});

test('moments inside of buckets get what was true before, without holes, and the answer says so', async () => {
  const engine = open('between', { retention: DAY });
  const now = DAY_0 + 4 * DAY;
  await live([engine], DAY_0, now);
  const odd = { start: DAY_0 + 12 * HOUR + 7 * MINUTE + 13_000, end: DAY_0 + 20 * HOUR, step: 97_000 };
  const even = { start: DAY_0 + 12 * HOUR + 5 * MINUTE, end: DAY_0 + 20 * HOUR, step: 5 * MINUTE };
  const rate = ask(engine, 'rate(m_total{i="0"}[7m])', odd);
  assert.equal(rate.tiers, '5m');
  assert.deepEqual(rate.infos, ['PromQL info: samples are not kept that long: times and ranges are rounded to 5m']);
  const at = (list: unknown, i: number): unknown => (list as [string, (number | null)[]][])[0]?.[1][i];
  const value = ask(engine, 'm_total{i="0"}', odd);
  const known = ask(engine, 'm_total{i="0"}', even);
  for (let instant = odd.start, i = 0; instant <= odd.end; instant += odd.step, i += 1) {
    assert.equal(at(value.answer, i), at(known.answer, Math.floor((instant - even.start) / even.step)), `at ${instant}`);
  }
  const quantile = ask(engine, 'quantile_over_time(0.9, m_total{i="1"}[1h])', even);
  assert.deepEqual(quantile.infos, ['PromQL info: samples are not kept that long: quantile_over_time sees the last one of every 5m']);
  assert.ok((quantile.answer as unknown[]).length === 1);
  assert.deepEqual(ask(engine, 'm_total', { start: now, end: now, step: 0 }).tiers, 'raw');
  await engine.close();
});
