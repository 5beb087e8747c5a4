import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync, truncateSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY, HOUR } from '../../src/core/base/time.ts';
import { DEFAULT_RULES } from '../../src/core/series/head.ts';
import { encodeWriteRequest } from '../../src/core/wire/encode-write.ts';
import { SeriesEngine } from '../../src/io/series/engine.ts';
import { DEFAULT_KEEPING } from '../../src/io/series/keeper.ts';
import { openSmallDisk } from '../doors/small-disk.ts';

const NOON = 1_700_000_000_000 - (1_700_000_000_000 % DAY) + 12 * HOUR;
const root = mkdtempSync(join(tmpdir(), 'tocsin-full-'));
const disk = openSmallDisk(root, '8m');
const skip = disk === null ? 'a file system can be mounted by root only' : false;
after(() => {
  disk?.close();
  rmSync(root, { recursive: true, force: true });
});

function open(name: string): SeriesEngine {
  return new SeriesEngine({
    folder: join(root, name),
    rules: { ...DEFAULT_RULES, retention: 2 * DAY },
    bodyLimitBytes: 1 << 24,
    decodedLimitBytes: 1 << 25,
    segmentBytes: 1 << 20,
    minFreeBytes: 0,
    keeping: DEFAULT_KEEPING,
  });
}

function write(engine: SeriesEngine, at: number, samples: number) {
  const body = encodeWriteRequest([
    { labels: { __name__: 'm' }, samples: Array.from({ length: samples }, (_, i) => ({ at: at + i, value: Math.random() })) },
  ]);
  return engine.write({ body, encoding: 'none', source: 'test', protocol: 1, at });
}

/** Takes every byte that is left. */
function takeAll(path: string): void {
  try {
    writeFileSync(path, new Uint8Array(64 << 20));
  } catch {
    assert.ok(statSync(path).size > 0);
  }
}

test('on a full disk nothing is written out and nothing is lost; it is written out when there is space', { skip }, async () => {
  const engine = open('flush');
  write(engine, NOON, 100_000);
  const ballast = join(root, 'ballast');
  takeAll(ballast);
  await engine.keeper.flushAll();
  assert.match(engine.keeper.problem ?? '', /no room|ENOSPC/);
  assert.deepEqual([engine.keeper.blocks.blocks.length, engine.head.active.samples], [0, 0]);
  assert.equal('error' in write(engine, NOON + HOUR, 10), true);
  // Some room, though not enough for the block.
  truncateSync(ballast, statSync(ballast).size - 100_000);
  await engine.keeper.flushAll();
  assert.match(engine.keeper.problem ?? '', /no room|ENOSPC/);
  assert.deepEqual(readdirSync(join(root, 'flush/blocks')), ['blocks.json']);
  rmSync(ballast);
  await engine.keeper.flushAll();
  assert.deepEqual([engine.keeper.problem, engine.keeper.blocks.blocks[0]?.footer.samples], [null, 100_000]);
  assert.deepEqual(engine.journal.bytes, 0);
  await engine.close();
  assert.deepEqual(open('flush').keeper.blocks.problems, []);
});

test('what is past the retention is removed although there is no room for a new list', { skip }, async () => {
  const engine = open('expire');
  write(engine, NOON, 20_000);
  await engine.keeper.flushAll();
  write(engine, NOON + DAY, 20_000);
  await engine.keeper.flushAll();
  takeAll(join(root, 'ballast'));
  await engine.keeper.keep(NOON + 2 * DAY + HOUR);
  assert.deepEqual([engine.keeper.problem, engine.keeper.expired, engine.keeper.blocks.blocks.length], [null, 1, 1]);
  assert.equal(readdirSync(join(root, 'expire/blocks')).filter((name) => name.endsWith('.block')).length, 1);
  const again = open('expire');
  assert.deepEqual([again.keeper.blocks.blocks.length, again.keeper.blocks.problems], [1, []]);
  rmSync(join(root, 'ballast'));
});
