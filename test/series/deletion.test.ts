import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { DAY, HOUR, MINUTE } from '../../src/core/base/time.ts';
import { compileMatcher } from '../../src/core/promql/matcher.ts';
import { DEFAULT_RULES } from '../../src/core/series/head.ts';
import { listLabelNames, listLabelValues, listSeries } from '../../src/core/series/listing.ts';
import { encodeWriteRequest } from '../../src/core/wire/encode-write.ts';
import { countDeletion, deleteSamples } from '../../src/io/series/deleting.ts';
import { SeriesEngine } from '../../src/io/series/engine.ts';
import { DEFAULT_KEEPING } from '../../src/io/series/keeper.ts';

const NOON = 1_700_000_000_000 - (1_700_000_000_000 % DAY) + 12 * HOUR;
const LONG = 1_000 * DAY;
const root = mkdtempSync(join(tmpdir(), 'tocsin-deletion-'));
after(() => rmSync(root, { recursive: true, force: true }));

function open(folder: string): SeriesEngine {
  return new SeriesEngine({
    folder,
    rules: { ...DEFAULT_RULES, lateWindow: LONG, futureWindow: LONG },
    bodyLimitBytes: 1 << 24,
    decodedLimitBytes: 1 << 25,
    segmentBytes: 2_000,
    minFreeBytes: 0,
    keeping: DEFAULT_KEEPING,
  });
}

function write(engine: SeriesEngine, name: string, samples: readonly (readonly [number, number])[]): void {
  const body = encodeWriteRequest([{ labels: { __name__: 'm', name }, samples: samples.map(([at, value]) => ({ at, value })) }]);
  const outcome = engine.write({ body, encoding: 'none', source: 'test', protocol: 1, at: NOON });
  assert.ok(!('error' in outcome), JSON.stringify(outcome));
}

function selector(pattern: string) {
  return [{ name: 'name', op: '=~', value: pattern } as const];
}

async function remove(engine: SeriesEngine, pattern: string, from: number, to: number): Promise<void> {
  assert.equal(await deleteSamples(engine, { selectors: [selector(pattern)], from, to, at: NOON }, (work) => work()), null);
}

function read(engine: SeriesEngine): Record<string, [number, number][]> {
  const matcher = compileMatcher({ name: '__name__', op: '=', value: 'm' }).value;
  assert.ok(matcher !== null);
  const found: Record<string, [number, number][]> = {};
  for (const { labels, times, values } of engine.source.select([matcher], NOON - LONG, NOON + LONG)) {
    found[labels['name'] ?? ''] = Array.from(times, (time, i) => [time, values[i] ?? 0]);
  }
  return found;
}

async function cleanAll(engine: SeriesEngine): Promise<void> {
  const upTo = engine.keeper.blocks.lastNumber;
  while ((await engine.keeper.cleanNext(upTo)) !== null);
}

const range = (from: number, count: number): [number, number][] => Array.from({ length: count }, (_, i) => [NOON + (from + i) * MINUTE, i]);

test('what is deleted is gone at once, in memory and in blocks, and stays so; what is written afterwards stays, too', async () => {
  const folder = join(root, 'plain');
  const engine = open(folder);
  write(engine, 'a', range(0, 100));
  write(engine, 'b', range(0, 100));
  await engine.keeper.flushAll();
  write(engine, 'a', range(100, 100));
  assert.deepEqual(await countDeletion(engine, { selectors: [selector('a')], from: NOON + 50 * MINUTE, to: NOON + 149 * MINUTE }), {
    series: 1,
    samples: 100,
  });
  await remove(engine, 'a', NOON + 50 * MINUTE, NOON + 149 * MINUTE);
  const left = [...range(0, 100).slice(0, 50), ...range(100, 100).slice(50)];
  assert.deepEqual(read(engine), { a: left, b: range(0, 100) });
  write(engine, 'a', [
    [NOON + 60 * MINUTE, 7],
    [NOON + 120 * MINUTE, 8],
  ]);
  const after = [...left, [NOON + 60 * MINUTE, 7], [NOON + 120 * MINUTE, 8]].sort((x, y) => (x[0] ?? 0) - (y[0] ?? 0));
  assert.deepEqual(read(engine)['a'], after);
  // A server that died, one that ended well, one whose blocks were cleaned.
  const killed = open(folder);
  assert.deepEqual(read(killed), { a: after, b: range(0, 100) });
  await killed.keeper.flushAll();
  await killed.close();
  const ended = open(folder);
  assert.deepEqual(read(ended)['a'], after);
  assert.equal(ended.keeper.blocks.deletions.length, 1);
  const before = ended.keeper.blocks.blocks.reduce((sum, block) => sum + block.footer.samples, 0);
  await cleanAll(ended);
  assert.deepEqual(read(ended)['a'], after);
  assert.equal(
    ended.keeper.blocks.blocks.reduce((sum, block) => sum + block.footer.samples, 0),
    before - 50,
  );
  assert.equal(ended.keeper.blocks.deletions.length, 0);
  await ended.close();
  assert.deepEqual(read(open(folder)), { a: after, b: range(0, 100) });
});

test('a series without samples is listed no more, and can begin anew with old ones', async () => {
  const folder = join(root, 'listed');
  let engine = open(folder);
  write(engine, 'a', range(0, 10));
  write(engine, 'b', range(0, 10));
  await engine.keeper.flushAll();
  write(engine, 'a', range(10, 10));
  await remove(engine, 'a', NOON - LONG, NOON + LONG);
  const everything = { sets: [], from: NOON - DAY, to: NOON + DAY, limit: 10 };
  for (const again of [false, true]) {
    if (again) engine = open(folder);
    const { head, source } = engine;
    assert.deepEqual(listSeries(head, source.selectors, everything), [{ __name__: 'm', name: 'b' }]);
    assert.deepEqual(listLabelValues(head, source.selectors, { ...everything, name: 'name' }), ['b']);
    assert.deepEqual(listLabelNames(head, source.selectors, everything), ['__name__', 'name']);
    assert.equal(head.countSilentSince(NOON - DAY), 1);
  }
  write(engine, 'a', [[NOON - 300 * DAY, 1]]);
  assert.deepEqual(read(engine)['a'], [[NOON - 300 * DAY, 1]]);
});

test('blocks with deleted samples are written anew by themselves after an hour', async () => {
  const engine = open(join(root, 'later'));
  write(engine, 'a', range(0, 1_000));
  write(engine, 'b', range(0, 10));
  await engine.keeper.flushAll();
  await remove(engine, 'a', NOON - LONG, NOON + LONG);
  await engine.keeper.keep(NOON + 30 * MINUTE);
  assert.equal(engine.keeper.rewrites, 0);
  for (let round = 0; round < 3; round += 1) await engine.keeper.keep(NOON + 61 * MINUTE);
  const { blocks, deletions } = engine.keeper.blocks;
  assert.deepEqual([blocks.reduce((sum, block) => sum + block.footer.samples, 0), deletions], [10, []]);
});

test('a number is not taken again by a block that would then be hidden', async () => {
  const folder = join(root, 'numbers');
  const engine = open(folder);
  write(engine, 'a', range(0, 10));
  await engine.keeper.flushAll();
  await remove(engine, 'a', NOON - LONG, NOON + LONG);
  await cleanAll(engine);
  assert.equal(engine.keeper.blocks.blocks.length, 0);
  const again = open(folder);
  write(again, 'a', range(0, 10));
  await again.keeper.flushAll();
  assert.deepEqual(read(again), { a: range(0, 10) });
  assert.deepEqual(read(open(folder)), { a: range(0, 10) });
});

type Step =
  | { readonly do: 'write'; readonly name: string; readonly from: number; readonly count: number }
  | { readonly do: 'delete'; readonly pattern: string; readonly from: number; readonly to: number }
  | { readonly do: 'flush' | 'keep' | 'clean' | 'restart' | 'kill' };

const names = ['a', 'b', 'c'];
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      name: fc.constantFrom(...names),
      from: fc.integer({ min: 0, max: 3_000 }),
      count: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('delete' as const),
      pattern: fc.constantFrom('a', 'b', 'a|c', '.*', 'nobody'),
      from: fc.integer({ min: -10, max: 3_000 }),
      to: fc.integer({ min: 0, max: 3_100 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('flush', 'keep', 'clean', 'restart', 'kill') }) },
);

test('property: whatever is written, deleted, written out, merged, cleaned and started again, the samples are those of a simple model', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const folder = join(root, `model-${(runs += 1)}`);
      let engine = open(folder);
      const model = new Map(names.map((name) => [name, new Map<number, number>()]));
      const deletions: { pattern: RegExp; from: number; to: number }[] = [];
      const deletedBefore = (name: string, time: number): number =>
        deletions.filter(({ pattern, from, to }) => pattern.test(name) && time >= from && time <= to).length;
      let now = NOON + 10 * DAY;
      for (const one of steps) {
        if (one.do === 'write') {
          // The value tells how often the sample at this time was deleted before.
          const samples = Array.from({ length: one.count }, (_, i): [number, number] => {
            const time = NOON + (one.from + i) * MINUTE;
            return [time, deletedBefore(one.name, time)];
          });
          write(engine, one.name, samples);
          for (const [time, value] of samples) model.get(one.name)?.set(time, value);
        } else if (one.do === 'delete') {
          const [from, to] = [NOON + one.from * MINUTE, NOON + one.to * MINUTE];
          await remove(engine, one.pattern, from, to);
          deletions.push({ pattern: new RegExp(`^(?:${one.pattern})$`), from, to });
          for (const name of names) {
            if (!new RegExp(`^(?:${one.pattern})$`).test(name)) continue;
            for (const time of model.get(name)?.keys() ?? []) if (time >= from && time <= to) model.get(name)?.delete(time);
          }
        } else if (one.do === 'flush') await engine.keeper.flushAll();
        else if (one.do === 'keep') await engine.keeper.keep((now += 3 * HOUR));
        else if (one.do === 'clean') await cleanAll(engine);
        else {
          if (one.do === 'restart') await engine.close();
          else engine.keeper.blocks.close();
          engine = open(folder);
        }
        assert.equal(engine.keeper.problem, null);
        const expected = Object.fromEntries(
          [...model].filter(([, samples]) => samples.size > 0).map(([name, samples]) => [name, [...samples].sort((a, b) => a[0] - b[0])]),
        );
        assert.deepEqual(read(engine), expected);
      }
      engine.keeper.blocks.close();
      rmSync(folder, { recursive: true, force: true });
    }),
    { numRuns: 60 },
  );
});
