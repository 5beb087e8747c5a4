// Blocks that come back from the cold folder for a while.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY, HOUR, MINUTE } from '../../src/core/base/time.ts';
import { compileMatcher } from '../../src/core/promql/matcher.ts';
import { DEFAULT_RULES } from '../../src/core/series/head.ts';
import { encodeWriteRequest } from '../../src/core/wire/encode-write.ts';
import { damageOf } from '../../src/io/series/damage.ts';
import { deleteSamples } from '../../src/io/series/deleting.ts';
import { SeriesEngine } from '../../src/io/series/engine.ts';
import { DEFAULT_KEEPING } from '../../src/io/series/keeper.ts';
import { Recall, type RecallStatus } from '../../src/io/series/recall.ts';

const MIDNIGHT = 1_700_000_000_000 - (1_700_000_000_000 % DAY);
const NOW = MIDNIGHT + 30 * DAY;
const UNTIL = NOW + 7 * DAY;
const DAYS = [0, 1, 2, 3, 4, 29];
const root = mkdtempSync(join(tmpdir(), 'tocsin-recall-'));
after(() => rmSync(root, { recursive: true, force: true }));

type Samples = Record<string, [number, number][]>;

function open(name: string, retention = 365 * DAY, tiers: { every: number; keep: number }[] = [], lateWindow = 100 * DAY): SeriesEngine {
  mkdirSync(join(root, name, 'cold'), { recursive: true });
  return new SeriesEngine({
    folder: join(root, name, 'series'),
    rules: { ...DEFAULT_RULES, lateWindow, retention },
    bodyLimitBytes: 1 << 24,
    decodedLimitBytes: 1 << 25,
    segmentBytes: 1 << 20,
    minFreeBytes: 0,
    exemplars: 0,
    keeping: { ...DEFAULT_KEEPING, tiers, cold: { folder: join(root, name, 'cold'), after: 10 * DAY } },
  });
}

async function openFilled(name: string): Promise<SeriesEngine> {
  const engine = open(name);
  for (const day of DAYS) {
    const samples = Array.from({ length: 300 }, (_, i) => ({ at: MIDNIGHT + day * DAY + i * MINUTE, value: day + Math.sin(i) }));
    const series = ['a', 'b'].map((host) => ({ labels: { __name__: 'm', host }, samples }));
    assert.ok(!('error' in engine.write({ body: encodeWriteRequest(series), encoding: 'none', source: 'test', protocol: 1, at: NOW })));
  }
  await engine.keeper.flushAll();
  await keep(engine);
  assert.equal(cold(name).length, 5);
  return engine;
}

async function keep(engine: SeriesEngine, at = NOW, rounds = 8): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await engine.keeper.keep(at);
  assert.equal(engine.keeper.problem, null);
}

/** The days from one to another, both included. */
async function recall(engine: SeriesEngine, first: number, last: number, until = UNTIL): Promise<RecallStatus> {
  const recalls = new Recall();
  const ask = { from: MIDNIGHT + first * DAY, to: MIDNIGHT + (last + 1) * DAY - 1, until, at: NOW };
  assert.equal(recalls.begin(engine.keeper, ask), null);
  assert.match(recalls.begin(engine.keeper, ask) ?? '', /already/);
  while (await recalls.next(engine.keeper, () => NOW + 1));
  assert.ok(recalls.status !== null && recalls.status.endedAt === NOW + 1);
  return recalls.status;
}

function read(engine: SeriesEngine): Samples {
  const matcher = compileMatcher({ name: '__name__', op: '=', value: 'm' }).value;
  assert.ok(matcher !== null);
  const found = engine.source.select([matcher], MIDNIGHT - DAY, NOW + DAY);
  return Object.fromEntries(
    Array.from(found, ({ labels, times, values }) => [
      labels['host'] ?? '',
      Array.from(times, (time, i): [number, number] => [time, values[i] ?? 0]),
    ]),
  );
}

const local = (name: string): string[] => readdirSync(join(root, name, 'series/blocks')).filter((file) => file.includes('.block'));
const place = (name: string): string => join(root, name, 'cold', readdirSync(join(root, name, 'cold'))[0] ?? '');
const cold = (name: string): string[] => readdirSync(place(name)).sort();
const daysOf = (engine: SeriesEngine): number[] => engine.keeper.blocks.blocks.map(({ minTime }) => (minTime - MIDNIGHT) / DAY);

test('blocks of a time come back, answer as before, and stay as long as was said, after a restart too', async () => {
  const engine = await openFilled('back');
  const before = read(engine);
  const status = await recall(engine, 1, 2);
  assert.deepEqual([status.blocks, status.done, status.failed], [2, 2, []]);
  assert.deepEqual([cold('back').length, local('back').length, read(engine)], [3, 3, before]);
  await keep(engine);
  assert.deepEqual([cold('back').length, local('back').length], [3, 3]);
  await engine.close();
  const again = open('back');
  await keep(again, UNTIL - 1);
  assert.deepEqual([cold('back').length, again.keeper.blocks.blocks.filter((one) => one.isCold).length, read(again)], [3, 3, before]);
  await keep(again, UNTIL + 1);
  assert.deepEqual([cold('back').length, again.keeper.blocks.blocks.filter((one) => one.isCold).length, read(again)], [5, 5, before]);
  await again.close();
});

test('asked for twice nothing happens but that they stay longer', async () => {
  const engine = await openFilled('twice');
  await recall(engine, 1, 2);
  const files = local('twice').map((name) => readFileSync(join(root, 'twice/series/blocks', name)).length);
  const plan = new Recall().plan(engine.keeper, { from: MIDNIGHT + DAY, to: MIDNIGHT + 3 * DAY - 1 });
  assert.deepEqual([plan.blocks, plan.back, plan.bytes], [0, 2, 0]);
  const status = await recall(engine, 1, 2, UNTIL + DAY);
  assert.deepEqual([status.blocks, status.done], [0, 0]);
  assert.deepEqual(
    local('twice').map((name) => readFileSync(join(root, 'twice/series/blocks', name)).length),
    files,
  );
  await keep(engine, UNTIL + HOUR);
  assert.equal(cold('twice').length, 3);
  await engine.close();
});

test('neither retention nor the limit of bytes takes them before their time, and both do afterwards', async () => {
  const engine = await openFilled('spared');
  await recall(engine, 1, 1);
  await engine.close();
  const short = open('spared', 20 * DAY);
  await keep(short);
  assert.deepEqual([daysOf(short), read(short)['a']?.length], [[1, 29], 600]);
  await keep(short, UNTIL + 1);
  assert.deepEqual([daysOf(short), read(short)['a']?.length], [[29], 300]);
  await short.close();
  const other = await openFilled('limited');
  await recall(other, 1, 1);
  await other.close();
  const options = { ...DEFAULT_KEEPING, retentionBytes: 1, cold: { folder: join(root, 'limited/cold'), after: 10 * DAY } };
  const small = new SeriesEngine({
    folder: join(root, 'limited/series'),
    rules: { ...DEFAULT_RULES, lateWindow: 100 * DAY, retention: 365 * DAY },
    bodyLimitBytes: 1 << 24,
    decodedLimitBytes: 1 << 25,
    segmentBytes: 1 << 20,
    minFreeBytes: 0,
    keeping: options,
  });
  await keep(small);
  assert.deepEqual(daysOf(small), [1]);
  await keep(small, UNTIL + 1);
  assert.deepEqual(daysOf(small), []);
  await small.close();
});

test('a damaged copy is told apart and stays where it is, the others come', async () => {
  const engine = await openFilled('damaged');
  const before = read(engine);
  const [, file = ''] = cold('damaged');
  const bytes = readFileSync(join(place('damaged'), file));
  bytes[100] = (bytes[100] ?? 0) ^ 0xff;
  writeFileSync(join(place('damaged'), file), bytes);
  const status = await recall(engine, 0, 4);
  assert.deepEqual([status.blocks, status.done, status.failed.map(({ name }) => name)], [5, 4, [file.replace('.zst', '')]]);
  assert.match(status.failed[0]?.problem ?? '', /^damaged: /);
  assert.deepEqual([cold('damaged'), local('damaged').length], [[file], 5]);
  const without = read(engine);
  assert.ok((without['a']?.length ?? 0) >= 1_500 && (without['a']?.length ?? 0) <= 1_800);
  assert.deepEqual(without['a']?.slice(0, 300), before['a']?.slice(0, 300));
  await engine.close();
});

test('what was deleted stays deleted when it comes back', async () => {
  const engine = await openFilled('cut');
  const before = read(engine);
  const selectors = [[{ name: 'host', op: '=', value: 'a' } as const]];
  assert.equal(
    await deleteSamples(engine, { selectors, from: MIDNIGHT + DAY, to: MIDNIGHT + 2 * DAY - 1, at: NOW }, (work) => work()),
    null,
  );
  const left = { ...before, a: [...(before['a'] ?? []).slice(0, 300), ...(before['a'] ?? []).slice(600)] };
  assert.equal((await recall(engine, 1, 1)).done, 1);
  assert.deepEqual(read(engine), left);
  await keep(engine, NOW + 2 * HOUR);
  assert.deepEqual([read(engine), engine.keeper.blocks.deletions, local('cut').length], [left, [], 2]);
  await engine.close();
  const again = open('cut');
  await keep(again, UNTIL - 1);
  assert.deepEqual([read(again), local('cut').length], [left, 2]);
  await again.close();
});

test('wherever a crash comes while a block comes back, one copy counts and the other goes', async () => {
  const engine = await openFilled('crash');
  const before = read(engine);
  const [first = '', second = ''] = cold('crash');
  const hidden = join(root, 'hidden');
  copyFileSync(join(place('crash'), first), hidden);
  await recall(engine, 0, 0);
  assert.ok(!existsSync(join(place('crash'), first)));
  await engine.close();
  // The list was replaced, the cold copy was not removed; and one was half written, and one was whole and the list not replaced.
  copyFileSync(hidden, join(place('crash'), first));
  const blocks = join(root, 'crash/series/blocks');
  writeFileSync(join(blocks, second.replace('.zst', '.new')), 'half');
  copyFileSync(join(blocks, first.replace('.zst', '')), join(blocks, second.replace('.zst', '')));
  const again = open('crash');
  assert.deepEqual([cold('crash').length, cold('crash').includes(first), local('crash').length], [4, false, 2]);
  assert.deepEqual([read(again), damageOf(again)], [before, []]);
  await again.close();
});

test('a cold folder that is away is told, what is there is served, and nothing is lost', async () => {
  const engine = await openFilled('away');
  const before = read(engine);
  await recall(engine, 1, 1);
  await engine.close();
  renameSync(join(root, 'away/cold'), join(root, 'away/elsewhere'));
  const without = open('away');
  rmSync(join(root, 'away/cold'), { recursive: true });
  await keep(without, NOW, 2);
  assert.equal(read(without)['a']?.length, 600);
  const status = await recall(without, 0, 2);
  assert.deepEqual([status.blocks, status.done, status.failed.length > 0], [0, 0, true]);
  assert.match(status.failed[0]?.problem ?? '', /is not there/);
  assert.match(damageOf(without).at(-1)?.why ?? '', /is not there/);
  renameSync(join(root, 'away/elsewhere'), join(root, 'away/cold'));
  await keep(without, NOW, 2);
  assert.equal((await recall(without, 0, 2)).done, 2);
  assert.deepEqual([read(without), damageOf(without)], [before, []]);
  await without.close();
});

test('with tiers, samples that came back answer again although those around them are deleted', async () => {
  const engine = await openFilled('tiers');
  await engine.close();
  const tiers = [{ every: HOUR, keep: 400 * DAY }];
  const whole = open('tiers', 365 * DAY, tiers, HOUR);
  await keep(whole);
  const before = read(whole);
  await recall(whole, 1, 1);
  await whole.close();
  const short = open('tiers', 20 * DAY, tiers, HOUR);
  await keep(short);
  assert.deepEqual(daysOf(short), [1, 29]);
  const matcher = compileMatcher({ name: 'host', op: '=', value: 'a' }).value;
  assert.ok(matcher !== null);
  const ask = (day: number): number[] => {
    const [from, to] = [MIDNIGHT + day * DAY, MIDNIGHT + day * DAY + 299 * MINUTE];
    return Array.from(
      short.source.select([matcher], from, to, { func: 'quantile_over_time', range: to - from, step: 0 }).next().value?.values ?? [],
    );
  };
  assert.deepEqual(
    ask(1),
    before['a']?.slice(300, 600).map(([, value]) => value),
  );
  assert.ok(ask(2).length < 10);
  await short.close();
});
