// Samples that nothing may delete.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY, HOUR, MINUTE } from '../../src/core/base/time.ts';
import { compileMatcher, type Matcher } from '../../src/core/promql/matcher.ts';
import { DEFAULT_RULES } from '../../src/core/series/head.ts';
import { type Hold, wholeDays } from '../../src/core/series/hold.ts';
import { encodeWriteRequest } from '../../src/core/wire/encode-write.ts';
import { damageOf } from '../../src/io/series/damage.ts';
import { deleteSamples } from '../../src/io/series/deleting.ts';
import { SeriesEngine } from '../../src/io/series/engine.ts';
import { heldStatus } from '../../src/io/series/held-status.ts';
import { DEFAULT_KEEPING, type KeeperOptions } from '../../src/io/series/keeper.ts';
import { MatchedExpiry } from '../../src/io/series/matched-expiry.ts';

const MIDNIGHT = 1_700_000_000_000 - (1_700_000_000_000 % DAY);
const NOW = MIDNIGHT + 30 * DAY + HOUR;
const RETENTION = 20 * DAY;
const root = mkdtempSync(join(tmpdir(), 'tocsin-hold-'));
after(() => rmSync(root, { recursive: true, force: true }));

const byHost = (host: string): Matcher[] => [{ name: 'host', op: '=', value: host }];

function holdOf(name: string, host: string, first: number, last: number): Hold {
  const times = wholeDays(MIDNIGHT + first * DAY, MIDNIGHT + last * DAY + HOUR);
  return { name, match: [`{host="${host}"}`], selectors: [byHost(host)], ...times, reason: 'a case', by: 'user:alice', since: NOW };
}

function open(name: string, keeping: Partial<KeeperOptions> = {}, retention = RETENTION): SeriesEngine {
  mkdirSync(join(root, name, 'cold'), { recursive: true });
  return new SeriesEngine({
    folder: join(root, name, 'series'),
    rules: { ...DEFAULT_RULES, lateWindow: 100 * DAY, retention },
    bodyLimitBytes: 1 << 24,
    decodedLimitBytes: 1 << 25,
    segmentBytes: 1 << 20,
    minFreeBytes: 0,
    exemplars: 0,
    keeping: { ...DEFAULT_KEEPING, ...keeping },
  });
}

/** Host a on all days, host b on days 1 and 2 only; a block a day. */
async function fill(engine: SeriesEngine): Promise<void> {
  for (const [day, hosts] of [
    [0, 'a'],
    [1, 'ab'],
    [2, 'ab'],
    [3, 'a'],
    [4, 'a'],
    [29, 'a'],
  ] as const) {
    const samples = Array.from({ length: 200 }, (_, i) => ({ at: MIDNIGHT + day * DAY + i * MINUTE, value: day }));
    const series = [...hosts].map((host) => ({ labels: { __name__: 'm', host }, samples }));
    assert.ok(!('error' in engine.write({ body: encodeWriteRequest(series), encoding: 'none', source: 'test', protocol: 1, at: NOW })));
  }
  await engine.keeper.flushAll();
}

async function keep(engine: SeriesEngine, at = NOW, rounds = 4): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await engine.keeper.keep(at);
  assert.equal(engine.keeper.problem, null);
}

const daysOf = (engine: SeriesEngine): number[] => engine.keeper.blocks.blocks.map(({ minTime }) => Math.floor((minTime - MIDNIGHT) / DAY));

function count(engine: SeriesEngine, host: string): number {
  const matcher = compileMatcher({ name: 'host', op: '=', value: host }).value;
  assert.ok(matcher !== null);
  return engine.source.select([matcher], MIDNIGHT - DAY, NOW + DAY).next().value?.times.length ?? 0;
}

const remove = (engine: SeriesEngine, host: string, first: number, last: number) =>
  deleteSamples(engine, { selectors: [byHost(host)], from: MIDNIGHT + first * DAY, to: MIDNIGHT + (last + 1) * DAY - 1, at: NOW }, (work) =>
    work(),
  );

test('the retention keeps what is held and deletes the rest, after a restart too, until the hold is lifted', async () => {
  const engine = open('retention', {}, 365 * DAY);
  await fill(engine);
  assert.equal(engine.keeper.holds.add(holdOf('case-1', 'b', 0, 1)), null);
  assert.match(engine.keeper.holds.add(holdOf('case-1', 'a', 0, 1)) ?? '', /already/);
  await engine.close();
  const short = open('retention');
  await keep(short);
  assert.deepEqual([daysOf(short), count(short, 'b')], [[1, 29], 200]);
  const status = heldStatus(short.keeper, { now: NOW, retention: RETENTION });
  const [block] = short.keeper.blocks.blocks;
  assert.deepEqual([status.blocks, status.bytes, status.overdueBlocks, status.overdueBytes], [1, block?.bytes, 1, block?.bytes]);
  assert.deepEqual(
    status.holds.map(({ name, series, blocks, bytes, since }) => [name, series, blocks, bytes, since]),
    [['case-1', 1, 1, block?.bytes, NOW]],
  );
  assert.match(short.keeper.holds.lift('case-2') ?? '', /no hold/);
  assert.equal(short.keeper.holds.lift('case-1'), null);
  await keep(short);
  assert.deepEqual(daysOf(short), [29]);
  await short.close();
});

test('the limit of bytes takes the others first, and stops at what is held', async () => {
  const engine = open('bytes', { retentionBytes: 1, holds: [{ ...holdOf('case-1', 'b', 1, 2), since: null }] }, 365 * DAY);
  await fill(engine);
  await keep(engine);
  assert.deepEqual(daysOf(engine), [1, 2]);
  assert.match(engine.keeper.holds.lift('case-1') ?? '', /stands in the configuration/);
  await engine.close();
  const free = open('bytes', { retentionBytes: 1 }, 365 * DAY);
  await keep(free);
  assert.deepEqual(daysOf(free), []);
  await free.close();
});

test('held samples cannot be deleted, other days and series can, and cleaning keeps them', async () => {
  const engine = open('deleting', {}, 365 * DAY);
  await fill(engine);
  engine.keeper.holds.add(holdOf('case-1', 'b', 2, 2));
  const refused = await remove(engine, 'b', 1, 2);
  assert.ok(refused !== null && typeof refused === 'object');
  assert.equal(refused.held, 'the hold case-1 keeps samples of 1 of these series: leave them out, or lift it');
  assert.equal(count(engine, 'b'), 400);
  assert.equal(await remove(engine, 'b', 1, 1), null);
  assert.equal(await remove(engine, 'a', 0, 40), null);
  while ((await engine.keeper.cleanNext(engine.keeper.blocks.lastNumber)) !== null);
  assert.deepEqual([count(engine, 'a'), count(engine, 'b'), daysOf(engine)], [0, 200, [2]]);
  await engine.close();
  const again = open('deleting', {}, 365 * DAY);
  assert.deepEqual([count(again, 'a'), count(again, 'b')], [0, 200]);
  again.keeper.holds.lift('case-1');
  assert.equal(await remove(again, 'b', 1, 2), null);
  assert.equal(count(again, 'b'), 0);
  await again.close();
});

test('what is in memory only is held as well', async () => {
  const engine = open('memory');
  const samples = [{ at: NOW - HOUR, value: 1 }];
  const body = encodeWriteRequest([{ labels: { __name__: 'm', host: 'new' }, samples }]);
  engine.keeper.holds.add(holdOf('case-1', 'new', 0, 40));
  engine.write({ body, encoding: 'none', source: 'test', protocol: 1, at: NOW });
  assert.ok(typeof (await remove(engine, 'new', 0, 40)) === 'object');
  assert.equal(count(engine, 'new'), 1);
  await engine.close();
});

test('series that are kept shorter stay on the days that are held, and go on the others', async () => {
  const engine = open('matched', {}, 365 * DAY);
  await fill(engine);
  engine.keeper.holds.add(holdOf('case-1', 'a', 1, 2));
  const expiry = new MatchedExpiry([{ match: '{host=~"a|b"}', matchers: [{ name: 'host', op: '=~', value: 'a|b' }], keep: 10 * DAY }]);
  for (const { rule: _, before, ...ask } of expiry.due(engine, NOW)) {
    assert.equal(before, MIDNIGHT + 20 * DAY);
    assert.equal(await deleteSamples(engine, { ...ask, at: NOW }, (work) => work()), null);
  }
  // The two days and the midnight after them, which is in their last bucket; and what is not old enough.
  assert.deepEqual([count(engine, 'a'), count(engine, 'b')], [401 + 200, 0]);
  await engine.close();
  const again = open('matched', {}, 365 * DAY);
  assert.deepEqual([count(again, 'a'), count(again, 'b')], [601, 0], 'what was left out stays after a restart');
  await again.close();
});

test('in a cold folder, and where a file cannot be read, samples are held, too', async () => {
  const cold = { folder: join(root, 'cold/cold'), after: 10 * DAY };
  const engine = open('cold', { cold }, 365 * DAY);
  await fill(engine);
  engine.keeper.holds.add(holdOf('case-1', 'b', 1, 2));
  await keep(engine, NOW, 8);
  assert.equal(engine.keeper.blocks.blocks.filter(({ isCold }) => isCold).length, 5);
  const file = engine.keeper.blocks.blocks.find(({ minTime }) => minTime >= MIDNIGHT + 2 * DAY)?.path ?? '';
  await engine.close();
  writeFileSync(file, 'nonsense');
  const short = open('cold', { cold });
  await keep(short);
  assert.deepEqual([daysOf(short), short.keeper.blocks.problems.length], [[1, 29], 1]);
  short.keeper.holds.lift('case-1');
  await keep(short);
  assert.deepEqual([daysOf(short), short.keeper.blocks.problems], [[29], []]);
  await short.close();
});

test('while the list of holds is damaged nothing is deleted, and it is told', async () => {
  const engine = open('lost', {}, 365 * DAY);
  await fill(engine);
  engine.keeper.holds.add(holdOf('case-1', 'b', 1, 2));
  await engine.close();
  writeFileSync(join(root, 'lost/series/holds.json'), '{"holds": [');
  const short = open('lost');
  await keep(short);
  assert.deepEqual(daysOf(short), [0, 1, 2, 3, 4, 29]);
  assert.ok(typeof (await remove(short, 'a', 0, 1)) === 'object');
  assert.match(short.keeper.holds.add(holdOf('case-2', 'b', 1, 2)) ?? '', /damaged/);
  assert.deepEqual(
    damageOf(short).map(({ where }) => where),
    ['holds.json'],
  );
  await short.close();
  rmSync(join(root, 'lost/series/holds.json'));
  const repaired = open('lost');
  await keep(repaired);
  assert.deepEqual(daysOf(repaired), [29]);
  await repaired.close();
});

test('buckets of tiers are held where the samples are gone, and answer alone', async () => {
  const tiers = [
    { every: HOUR, keep: 25 * DAY },
    { every: DAY, keep: 400 * DAY },
  ];
  const engine = open('tiers', { tiers }, 365 * DAY);
  await fill(engine);
  await engine.close();
  // Without a window for late samples days are made at once.
  const options = {
    folder: join(root, 'tiers/series'),
    bodyLimitBytes: 1 << 24,
    decodedLimitBytes: 1 << 25,
    segmentBytes: 1 << 20,
    minFreeBytes: 0,
  };
  const settled = (keeping: Partial<KeeperOptions>): SeriesEngine =>
    new SeriesEngine({
      ...options,
      rules: { ...DEFAULT_RULES, lateWindow: HOUR, retention: RETENTION },
      keeping: { ...DEFAULT_KEEPING, ...keeping },
    });
  const first = settled({
    tiers: [
      { every: HOUR, keep: 365 * DAY },
      { every: DAY, keep: 400 * DAY },
    ],
  });
  await keep(first);
  assert.deepEqual(daysOf(first), [29]);
  first.keeper.holds.add(holdOf('case-1', 'b', 1, 1));
  await first.close();
  const short = settled({ tiers });
  const files = short.keeper.tiers?.files.length ?? 0;
  await keep(short);
  const kept = short.keeper.tiers?.kept().filter(({ every }) => every === HOUR) ?? [];
  assert.ok(
    kept.some(({ from, until }) => from <= MIDNIGHT + DAY && until >= MIDNIGHT + 2 * DAY),
    JSON.stringify(kept),
  );
  short.keeper.holds.lift('case-1');
  await keep(short);
  const left = short.keeper.tiers?.kept().filter(({ every }) => every === HOUR) ?? [];
  assert.ok(left.every(({ from }) => from > MIDNIGHT + 2 * DAY) && (short.keeper.tiers?.files.length ?? 0) < files, JSON.stringify(left));
  await short.close();
});
