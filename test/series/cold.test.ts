import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY, HOUR, MINUTE } from '../../src/core/base/time.ts';
import { compileMatcher } from '../../src/core/promql/matcher.ts';
import { DEFAULT_RULES } from '../../src/core/series/head.ts';
import { encodeWriteRequest } from '../../src/core/wire/encode-write.ts';
import { openCold, writeCold } from '../../src/io/series/cold-file.ts';
import { damageOf } from '../../src/io/series/damage.ts';
import { deleteSamples } from '../../src/io/series/deleting.ts';
import { SeriesEngine } from '../../src/io/series/engine.ts';
import { snapshotContent } from '../../src/io/series/snapshot-content.ts';
import { finishSnapshot, linkSnapshot, listSnapshots } from '../../src/io/series/snapshots.ts';
import { DEFAULT_KEEPING } from '../../src/io/series/keeper.ts';

const MIDNIGHT = 1_700_000_000_000 - (1_700_000_000_000 % DAY);
const NOW = MIDNIGHT + 30 * DAY;
const root = mkdtempSync(join(tmpdir(), 'tocsin-cold-'));
after(() => rmSync(root, { recursive: true, force: true }));

function open(name: string, retention = 365 * DAY): SeriesEngine {
  mkdirSync(join(root, name, 'cold'), { recursive: true });
  return reopen(name, retention);
}

function reopen(name: string, retention = 365 * DAY): SeriesEngine {
  return new SeriesEngine({
    folder: join(root, name, 'series'),
    rules: { ...DEFAULT_RULES, lateWindow: 100 * DAY, retention },
    bodyLimitBytes: 1 << 24,
    decodedLimitBytes: 1 << 25,
    segmentBytes: 1 << 20,
    minFreeBytes: 0,
    exemplars: 0,
    keeping: { ...DEFAULT_KEEPING, cold: { folder: join(root, name, 'cold'), after: 10 * DAY } },
  });
}

/** Five days that are old enough, and one that is not. */
async function fill(engine: SeriesEngine): Promise<void> {
  for (const day of [0, 1, 2, 3, 4, 29]) {
    const samples = Array.from({ length: 300 }, (_, i) => ({ at: MIDNIGHT + day * DAY + i * MINUTE, value: day + Math.sin(i) }));
    const series = ['a', 'b'].map((host) => ({ labels: { __name__: 'm', host }, samples }));
    const outcome = engine.write({ body: encodeWriteRequest(series), encoding: 'none', source: 'test', protocol: 1, at: NOW });
    assert.ok(!('error' in outcome));
  }
  await engine.keeper.flushAll();
}

async function keep(engine: SeriesEngine, rounds = 8, at = NOW): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await engine.keeper.keep(at);
}

function read(engine: SeriesEngine): Record<string, [number, number][]> {
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

const local = (name: string): string[] => readdirSync(join(root, name, 'series/blocks')).filter((file) => file.endsWith('.block'));

function place(name: string): string {
  const [own = ''] = readdirSync(join(root, name, 'cold'));
  return join(root, name, 'cold', own);
}

test('a copy has the same bytes at every place, compressed when that is smaller, and says when it is damaged', async () => {
  const zeros = Buffer.concat([Buffer.alloc(700_000), randomBytes(100_000), Buffer.alloc(300_123)]);
  for (const [name, bytes] of [
    ['squeezed', zeros],
    ['noise', randomBytes(600_000)],
    ['empty', Buffer.alloc(0)],
  ] as const) {
    const [from, to] = [join(root, name), join(root, `${name}.copy`)];
    writeFileSync(from, bytes);
    assert.equal(await writeCold(from, to), name === 'squeezed');
    const file = openCold(to);
    assert.deepEqual([file.size, file.stored], [bytes.length, statSync(to).size]);
    for (const [at, length] of [
      [0, 10],
      [262_140, 10],
      [262_144, 300_000],
      [699_990, 200_000],
      [bytes.length - 5, 50],
    ] as const) {
      const into = Buffer.alloc(length);
      const got = file.read(into, 0, length, Math.max(0, at));
      assert.deepEqual(into.subarray(0, got), bytes.subarray(Math.max(0, at), Math.max(0, at) + length), `${name} at ${at}`);
    }
    file.close();
  }
  const damaged = readFileSync(join(root, 'squeezed.copy'));
  damaged[damaged.length - 20] = (damaged[damaged.length - 20] ?? 0) ^ 1;
  writeFileSync(join(root, 'damaged.copy'), damaged);
  assert.throws(() => openCold(join(root, 'damaged.copy')), /damaged/);
});

test('old blocks go to the cold folder and answer as before, after restarts too; what is deleted or expired is so there', async () => {
  const engine = open('moves');
  await fill(engine);
  const before = read(engine);
  assert.equal(local('moves').length, 6);
  await keep(engine);
  assert.deepEqual([local('moves').length, readdirSync(place('moves')).length, engine.keeper.coldProblem], [1, 5, null]);
  assert.deepEqual(read(engine), before);
  assert.equal(engine.keeper.blocks.blocks.filter(({ isCold }) => isCold).length, 5);
  await engine.close();
  const again = reopen('moves');
  assert.deepEqual(read(again), before);
  assert.deepEqual(damageOf(again), []);
  const selectors = [[{ name: 'host', op: '=', value: 'a' } as const]];
  assert.equal(await deleteSamples(again, { selectors, from: MIDNIGHT, to: MIDNIGHT + DAY - 1, at: NOW }, (work) => work()), null);
  const left = { ...before, a: (before['a'] ?? []).slice(300) };
  assert.deepEqual(read(again), left);
  await again.close();
  const third = reopen('moves');
  assert.deepEqual(read(third), left);
  await keep(third, 4, NOW + 2 * HOUR);
  assert.deepEqual([third.keeper.blocks.deletions, local('moves').length, readdirSync(place('moves')).length], [[], 1, 5]);
  assert.deepEqual(read(third), left);
  await third.close();
  const short = reopen('moves', 27 * DAY);
  await keep(short, 1);
  assert.equal(readdirSync(place('moves')).length, 2);
  await short.close();
});

test('a cold folder that is away for a while is told, the rest is served, and nothing is made in its place', async () => {
  const engine = open('away');
  await fill(engine);
  const before = read(engine);
  await keep(engine);
  await engine.close();
  renameSync(join(root, 'away/cold'), join(root, 'away/elsewhere'));
  const without = reopen('away');
  assert.deepEqual(read(without), { a: (before['a'] ?? []).slice(1_500), b: (before['b'] ?? []).slice(1_500) });
  await keep(without, 2);
  const damage = damageOf(without);
  assert.equal(damage.length, 6);
  assert.match(damage.at(-1)?.why ?? '', /is not there/);
  assert.equal(without.keeper.problem, null);
  // Mounted on nothing: an empty folder.
  mkdirSync(join(root, 'away/cold'));
  await keep(without, 2);
  assert.deepEqual(readdirSync(join(root, 'away/cold')), []);
  assert.match(without.keeper.coldProblem ?? '', /mounted/);
  rmSync(join(root, 'away/cold'), { recursive: true });
  renameSync(join(root, 'away/elsewhere'), join(root, 'away/cold'));
  await keep(without, 2);
  assert.deepEqual([read(without), damageOf(without)], [before, []]);
  await without.close();
});

test('wherever a crash comes while a block moves, one copy counts and the other goes', async () => {
  const engine = open('crash');
  await fill(engine);
  const before = read(engine);
  const [first = '', second = ''] = local('crash').sort();
  const hidden = join(root, 'first');
  copyFileSync(join(root, 'crash/series/blocks', first), hidden);
  await engine.keeper.keep(NOW);
  const [moved = ''] = readdirSync(place('crash'));
  assert.ok(moved.startsWith(first) && !existsSync(join(root, 'crash/series/blocks', first)));
  await engine.close();
  // The list was replaced, the file was not removed; and a copy was made, the list was not replaced; and one was being made.
  copyFileSync(hidden, join(root, 'crash/series/blocks', first));
  await writeCold(join(root, 'crash/series/blocks', second), join(place('crash'), `${second}.zst`));
  writeFileSync(join(place('crash'), '00000003.block.new'), 'half');
  const again = reopen('crash');
  assert.deepEqual([local('crash').includes(first), local('crash').includes(second)], [false, true]);
  assert.deepEqual(readdirSync(place('crash')), [moved]);
  assert.deepEqual(read(again), before);
  await again.close();
  // The cold one cannot be read, and the old one is still there.
  copyFileSync(hidden, join(root, 'crash/series/blocks', first));
  writeFileSync(join(place('crash'), moved), 'nonsense');
  const third = reopen('crash');
  assert.deepEqual([read(third), damageOf(third)], [before, []]);
  await third.close();
});

test('when the list of blocks is lost, the ones in the cold folder count as well', async () => {
  const engine = open('lost');
  await fill(engine);
  const before = read(engine);
  await keep(engine);
  await engine.close();
  rmSync(join(root, 'lost/series/blocks/blocks.json'));
  const again = reopen('lost');
  assert.deepEqual(read(again), before);
  await again.close();
  const third = reopen('lost');
  assert.deepEqual([read(third), readdirSync(place('lost')).length], [before, 5]);
  await third.close();
});

test('a snapshot can have the cold blocks as well, and says where they are when it has not', async () => {
  const engine = open('saved');
  await fill(engine);
  const before = read(engine);
  await keep(engine);
  const folder = join(root, 'saved/series');
  const take = async (name: string, scope: 'all' | 'cold too') => {
    const content = snapshotContent(engine.keeper.blocks, scope);
    assert.equal(linkSnapshot(folder, name, content), null);
    assert.equal(await finishSnapshot(folder, { name, at: NOW }, content), null);
    return (await listSnapshots(folder)).find((one) => one.name === name);
  };
  const part = await take('part', 'all');
  assert.deepEqual([part?.blocks, part?.leftOut, part?.coldPlace], [1, 5, place('saved')]);
  const whole = await take('whole', 'cold too');
  assert.deepEqual([whole?.blocks, whole?.leftOut, whole?.samples, whole?.from], [6, 0, 3_600, MIDNIGHT]);
  const [damaged = ''] = readdirSync(place('saved')).sort();
  const bytes = readFileSync(join(place('saved'), damaged));
  bytes[50] = (bytes[50] ?? 0) ^ 0xff;
  writeFileSync(join(place('saved'), damaged), bytes);
  const rest = await take('rest', 'cold too');
  assert.deepEqual([rest?.blocks, rest?.leftOut], [5, 1]);
  await engine.close();
  for (const [name, wanted] of [
    ['whole', before],
    ['rest', { a: before['a']?.slice(300), b: before['b']?.slice(300) }],
  ] as const) {
    mkdirSync(join(root, `from-${name}/cold`), { recursive: true });
    renameSync(join(folder, 'snapshots', name), join(root, `from-${name}`, 'series'));
    const copy = reopen(`from-${name}`);
    assert.deepEqual([read(copy), damageOf(copy)], [wanted, []]);
    await copy.close();
  }
});
