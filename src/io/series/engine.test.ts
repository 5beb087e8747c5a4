import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY, HOUR, MINUTE } from '../../core/base/time.ts';
import { compileMatcher } from '../../core/promql/matcher.ts';
import { DEFAULT_RULES } from '../../core/series/head.ts';
import { encodeWriteRequest } from '../../core/wire/encode-write.ts';
import { type EngineOptions, SeriesEngine } from './engine.ts';
import { listSegments } from './journal.ts';
import { DEFAULT_KEEPING } from './keeper.ts';

const NOON = 1_700_000_000_000 - (1_700_000_000_000 % DAY) + 12 * HOUR;
const root = mkdtempSync(join(tmpdir(), 'tocsin-engine-'));
after(() => rmSync(root, { recursive: true, force: true }));

function open(name: string, change: Partial<EngineOptions['keeping']> & { readonly retention?: number } = {}): SeriesEngine {
  const { retention, ...keeping } = change;
  return new SeriesEngine({
    folder: join(root, name),
    rules: { ...DEFAULT_RULES, retention: retention ?? Number.POSITIVE_INFINITY },
    bodyLimitBytes: 1 << 24,
    decodedLimitBytes: 1 << 25,
    segmentBytes: 1 << 20,
    minFreeBytes: 0,
    keeping: { ...DEFAULT_KEEPING, ...keeping },
  });
}

/** One sample a minute for each of some series; the value tells series and time. */
function load(engine: SeriesEngine, from: number, to: number, series = 10): void {
  for (let at = from; at < to; at += MINUTE) {
    const body = encodeWriteRequest(
      Array.from({ length: series }, (_, i) => ({
        labels: { __name__: 'm', i: String(i) },
        samples: [{ at, value: at % 7 === 3 ? ('stale' as const) : at / 1_000 + i }],
      })),
    );
    const outcome = engine.write({ body, encoding: 'none', source: 'load', protocol: 1, at: Math.max(at, NOON) });
    assert.deepEqual('error' in outcome ? outcome : outcome.refused, []);
  }
}

function dump(engine: SeriesEngine, from = 0, to = 2 * NOON): Record<string, (readonly [number, number])[]> {
  const { value: any } = compileMatcher({ name: '__name__', op: '=', value: 'm' });
  assert.ok(any !== null);
  return Object.fromEntries(
    Array.from(engine.source.select([any], from, to), ({ labels, times, values, stale }) => [
      labels['i'],
      Array.from(times, (time, k) => [time, stale?.[k] === 1 ? -1 : (values[k] ?? 0)] as const),
    ]),
  );
}

function blockFiles(name: string): string[] {
  return readdirSync(join(root, name, 'blocks')).filter((file) => file.endsWith('.block'));
}

test('blocks answer like the memory they came from, before and after a restart, and the journal is let go', async () => {
  const engine = open('flush');
  load(engine, NOON - 30 * HOUR, NOON);
  const before = dump(engine);
  const part = dump(engine, NOON - 5 * HOUR, NOON - 4 * HOUR);
  await engine.keeper.flushAll();
  assert.equal(engine.keeper.problem, null);
  assert.equal(engine.keeper.blocks.blocks.length, 2, 'one block a day');
  assert.equal(engine.head.active.samples, 0);
  assert.equal(listSegments(join(root, 'flush', 'journal')).length, 0);
  assert.deepEqual(dump(engine), before);
  assert.deepEqual(dump(engine, NOON - 5 * HOUR, NOON - 4 * HOUR), part);
  load(engine, NOON, NOON + 5 * MINUTE);
  const later = dump(engine);
  await engine.close();
  const again = open('flush');
  assert.deepEqual(dump(again), later);
  assert.deepEqual(
    again.head.table.seriesBySource().filter(({ series }) => series > 0),
    [{ source: 'load', series: 10 }],
  );
  const late = encodeWriteRequest([{ labels: { __name__: 'm', i: '0' }, samples: [{ at: NOON - 3 * HOUR, value: 1 }] }]);
  const outcome = again.write({ body: late, encoding: 'none', source: 'load', protocol: 1, at: NOON });
  assert.deepEqual(
    'error' in outcome ? outcome : outcome.refused,
    [{ reason: 'sample-too-old', count: 1 }],
    'the newest time of a series is known again',
  );
  await again.close();
});

test('a crash at any moment of a flush loses nothing and doubles nothing', async () => {
  const engine = open('crash');
  load(engine, NOON - 2 * HOUR, NOON);
  const before = dump(engine);
  await engine.journal.sync();
  const folder = join(root, 'crash');
  const segments = listSegments(join(folder, 'journal')).map(({ path }) => ({ path, bytes: readFileSync(path) }));
  await engine.keeper.flushAll();
  await engine.close();
  const list = readFileSync(join(folder, 'blocks', 'blocks.json'));
  const restart = async (): Promise<SeriesEngine> => {
    const again = open('crash');
    assert.deepEqual(dump(again), before);
    await again.close();
    return again;
  };
  // The list was written and the journal not yet removed.
  for (const { path, bytes } of segments) writeFileSync(path, bytes);
  assert.equal((await restart()).replayed.records, 0);
  // The blocks were written and the list was not: they do not count.
  for (const { path, bytes } of segments) writeFileSync(path, bytes);
  writeFileSync(join(folder, 'blocks', 'blocks.json'), JSON.stringify({ blocks: [], journalUpTo: 0 }));
  assert.ok((await restart()).replayed.records > 0);
  assert.deepEqual(blockFiles('crash'), []);
  // The list is lost, and both the blocks and the journal are there.
  const other = open('crash');
  await other.keeper.flushAll();
  await other.close();
  for (const { path, bytes } of segments) writeFileSync(path, bytes);
  rmSync(join(folder, 'blocks', 'blocks.json'));
  await restart();
  assert.ok(list.length > 0);
});

test('what comes after a restart with an empty journal is found after the next one', async () => {
  const engine = open('again');
  load(engine, NOON - HOUR, NOON);
  await engine.keeper.flushAll();
  await engine.close();
  const second = open('again');
  load(second, NOON, NOON + MINUTE);
  const before = dump(second);
  await second.close();
  const third = open('again');
  assert.deepEqual(dump(third), before);
  await third.close();
});

test('missing and damaged block files are told apart and reported; the rest is served', async () => {
  const engine = open('damage');
  for (let day = 3; day >= 0; day -= 1) load(engine, NOON - day * DAY, NOON - day * DAY + HOUR);
  const before = dump(engine);
  await engine.keeper.flushAll();
  await engine.close();
  const folder = join(root, 'damage', 'blocks');
  const [missing, footless, chunky] = blockFiles('damage').sort();
  assert.ok(missing !== undefined && footless !== undefined && chunky !== undefined);
  rmSync(join(folder, missing));
  const flip = (file: string, at: number): void => {
    const bytes = readFileSync(join(folder, file));
    const place = at < 0 ? bytes.length + at : at;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(join(folder, file), bytes);
  };
  flip(footless, -30);
  flip(chunky, 40);
  for (let start = 0; start < 2; start += 1) {
    const again = open('damage');
    assert.deepEqual(again.keeper.blocks.problems, [
      { name: missing, problem: 'the file is missing' },
      { name: footless, problem: 'the footer is damaged' },
    ]);
    const after = dump(again);
    assert.equal(
      again.keeper.blocks.blocks.reduce((sum, { damagedChunks }) => sum + damagedChunks, 0),
      1,
    );
    const kept = (samples: readonly (readonly [number, number])[] | undefined): number => samples?.length ?? 0;
    assert.equal(
      Object.values(after).reduce((sum, samples) => sum + kept(samples), 0),
      Object.keys(before).length * 120 - 60,
    );
    await again.close();
  }
});

test('blocks of a day are merged when they are many and when the day is over, and expire', async () => {
  const engine = open('merge', { retention: 3 * DAY });
  for (let hour = 0; hour < 4; hour += 1) {
    load(engine, NOON + hour * HOUR, NOON + (hour + 1) * HOUR);
    await engine.keeper.flushAll();
  }
  const before = dump(engine);
  assert.equal(engine.keeper.blocks.blocks.length, 4);
  await engine.keeper.keep(NOON + 4 * HOUR);
  assert.equal(engine.keeper.problem, null);
  assert.equal(engine.keeper.blocks.blocks.length, 1);
  assert.deepEqual(dump(engine), before);
  load(engine, NOON + 4 * HOUR, NOON + 5 * HOUR);
  const all = dump(engine);
  await engine.keeper.flushAll();
  await engine.keeper.keep(NOON + 6 * HOUR);
  assert.equal(engine.keeper.blocks.blocks.length, 2, 'two of different size stay');
  await engine.keeper.keep(NOON + 20 * HOUR);
  assert.equal(engine.keeper.blocks.blocks.length, 1);
  assert.deepEqual(dump(engine), all);
  assert.equal(blockFiles('merge').length, 1);
  await engine.keeper.keep(NOON + 3 * DAY + 4 * HOUR);
  assert.equal(engine.keeper.blocks.blocks.length, 1);
  await engine.keeper.keep(NOON + 3 * DAY + 5 * HOUR);
  assert.deepEqual(dump(engine), {});
  assert.deepEqual(blockFiles('merge'), []);
  await engine.close();
});

test('a series of many samples has few long chunks, which are read like short ones', async () => {
  const engine = open('long');
  const samples = Array.from({ length: 5_760 }, (_, i) => ({
    at: NOON - 12 * HOUR + i * 15_000,
    value: i % 7 === 3 ? ('stale' as const) : i / 100,
  }));
  for (let from = 0; from < samples.length; from += 720) {
    const body = encodeWriteRequest([{ labels: { __name__: 'm', i: '0' }, samples: samples.slice(from, from + 720) }]);
    engine.write({ body, encoding: 'none', source: 'load', protocol: 1, at: NOON + 12 * HOUR });
  }
  const before = dump(engine);
  const hour = dump(engine, NOON + HOUR, NOON + 2 * HOUR);
  await engine.keeper.flushAll();
  assert.equal(engine.keeper.blocks.blocks[0]?.footer.chunks, 4);
  for (const one of [engine, open('long')]) {
    assert.deepEqual(dump(one), before);
    assert.deepEqual(dump(one, NOON + HOUR, NOON + 2 * HOUR), hour);
    await one.close();
  }
});

test('a memtable is written out by samples, by the journal and by age; blocks stay within their bytes', async () => {
  for (const [name, keeping] of [
    ['samples', { flushSamples: 500 }],
    ['journal', { flushJournalBytes: 10_000 }],
    ['age', { flushEvery: HOUR }],
  ] as const) {
    const engine = open(`due-${name}`, keeping);
    await engine.keeper.keep(NOON);
    load(engine, NOON - 10 * MINUTE, NOON);
    await engine.keeper.keep(NOON);
    const early = engine.keeper.flushes;
    load(engine, NOON, NOON + 50 * MINUTE);
    await engine.keeper.keep(NOON + HOUR);
    assert.deepEqual([early, engine.keeper.flushes], [0, 1], name);
    await engine.close();
  }
  const engine = open('bytes', { retentionBytes: 9_000 });
  for (let day = 5; day >= 0; day -= 1) load(engine, NOON - day * DAY, NOON - day * DAY + 2 * HOUR);
  await engine.keeper.flushAll();
  await engine.keeper.keep(NOON);
  const { blocks } = engine.keeper.blocks;
  assert.ok(blocks.length > 0 && blocks.length < 6 && blocks.reduce((sum, { bytes }) => sum + bytes, 0) <= 9_000);
  assert.ok(dump(engine, NOON)['0']?.length === 120, 'the newest stay');
  await engine.close();
});

test('writes go on while blocks are written, and what comes late is found beside them', async () => {
  const engine = open('beside');
  load(engine, NOON - 20 * HOUR, NOON, 40);
  const flushed = engine.keeper.flushAll();
  load(engine, NOON, NOON + 10 * MINUTE, 40);
  await flushed;
  const late = encodeWriteRequest([
    {
      labels: { __name__: 'm', i: '3' },
      samples: [
        { at: NOON - 5 * MINUTE + 1, value: 5 },
        { at: NOON - 5 * MINUTE, value: 5 },
      ],
    },
  ]);
  engine.write({ body: late, encoding: 'none', source: 'load', protocol: 1, at: NOON });
  const samples = dump(engine)['3'];
  assert.equal(samples?.length, 20 * 60 + 10 + 1);
  assert.deepEqual(
    samples?.filter(([at]) => at > NOON - 6 * MINUTE && at < NOON - 4 * MINUTE).map(([at]) => at - NOON),
    [-5 * MINUTE, -5 * MINUTE + 1],
  );
  await engine.close();
});

test('when blocks cannot be written the samples stay in memory, and it is tried again', async () => {
  const engine = open('full');
  load(engine, NOON - HOUR, NOON);
  const before = dump(engine);
  const folder = join(root, 'full', 'blocks');
  rmSync(folder, { recursive: true });
  await engine.keeper.flushAll();
  assert.match(String(engine.keeper.problem), /ENOENT/);
  assert.deepEqual(dump(engine), before);
  // The block can be written, and the list of blocks cannot.
  mkdirSync(join(folder, 'blocks.json.new'), { recursive: true });
  await engine.keeper.flushAll();
  assert.match(String(engine.keeper.problem), /EISDIR/);
  assert.deepEqual(dump(engine), before);
  assert.deepEqual(blockFiles('full'), []);
  rmSync(folder, { recursive: true });
  load(engine, NOON, NOON + MINUTE);
  mkdirSync(folder);
  await engine.keeper.keep(NOON);
  assert.equal(engine.keeper.problem, null);
  assert.equal(engine.keeper.flushes, 1);
  assert.equal(dump(engine)['0']?.length, 61);
  await engine.close();
});
