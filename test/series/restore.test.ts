import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DAY, MINUTE } from '../../src/core/base/time.ts';
import { encodeWriteRequest } from '../../src/core/wire/encode-write.ts';
import { openEmbeddedSeries } from '../../src/io/series/embedded.ts';
import { holdLock } from '../../src/io/process-lock.ts';
import { command } from '../cli/command.ts';

const MIDNIGHT = 1_700_000_000_000 - (1_700_000_000_000 % DAY);
const NOW = MIDNIGHT + 10 * DAY;
const root = mkdtempSync(join(tmpdir(), 'tocsin-restore-'));
const snapshot = join(root, 'original/series/snapshots/all');
after(() => rmSync(root, { recursive: true, force: true }));

/** Samples a day of a data folder, the first day first. */
async function days(data: string): Promise<number[]> {
  const store = await openEmbeddedSeries({ folder: join(root, data, 'series'), now: () => NOW });
  try {
    const counts: number[] = [];
    for (let day = 0; day < 4; day += 1) {
      const answer = await store.instant('sum(count_over_time(m[1d]))', MIDNIGHT + (day + 1) * DAY - 1);
      counts.push(answer.result === 'vector' ? (answer.series.values[0] ?? 0) : 0);
    }
    return counts;
  } finally {
    await store.close();
  }
}

before(async () => {
  const store = await openEmbeddedSeries({ folder: join(root, 'original/series'), now: () => NOW, rules: { lateWindow: 100 * DAY } });
  const samples = Array.from({ length: 4 * 144 }, (_, i) => ({ at: MIDNIGHT + i * 10 * MINUTE, value: i }));
  const series = ['a', 'b'].map((host) => ({ labels: { __name__: 'm', host }, samples }));
  assert.ok(!('error' in (await store.write(encodeWriteRequest(series).slice(), 'none', 'test'))));
  await store.keep('all');
  const gone = { selectors: [[{ name: 'host', op: '=', value: 'b' } as const]], from: MIDNIGHT, to: MIDNIGHT + DAY - 1 };
  assert.equal(await store.local?.delete(gone), null);
  assert.ok(!('error' in ((await store.local?.snapshot('all', 'all')) ?? { error: 'none' })));
  await store.close();
});

const restore = (...args: readonly string[]) => command(['restore', '--series', ...args]);

test('a snapshot is restored into a new data folder, without what was deleted; a second time it refuses', async () => {
  const data = join(root, 'new');
  const done = await restore(snapshot, '--data', data);
  assert.deepEqual([done.code, done.stdout], [0, '1008 samples in 4 blocks are restored.\n']);
  assert.match(done.stderr, /^4 of 4 blocks$/m);
  assert.deepEqual(await days('new'), [144, 288, 288, 288]);
  const again = await restore(snapshot, '--data', data);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /Nothing was restored: there are samples from .* already/);
  assert.deepEqual(await days('new'), [144, 288, 288, 288]);
});

test('only a time, to the sample, and into a store that has others', async () => {
  const data = join(root, 'part');
  const at = (time: number): string => new Date(time).toISOString();
  const first = await restore(snapshot, '--data', data, '--from', at(MIDNIGHT + 2.5 * DAY), '--json');
  assert.deepEqual(JSON.parse(first.stdout), { blocks: 2, samples: 144 + 288, unreadable: [] });
  assert.deepEqual(await days('part'), [0, 0, 144, 288]);
  const second = await restore(snapshot, '--data', data, '--to', at(MIDNIGHT + 2 * DAY - 1));
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(await days('part'), [144, 288, 144, 288]);
});

test('what cannot be is said, and changes nothing', async () => {
  const data = join(root, 'refused');
  const nothing = await restore(join(root, 'nowhere'), '--data', data);
  assert.match(nothing.stderr, /has no blocks/);
  const copy = join(root, 'copy');
  cpSync(join(root, 'original'), copy, { recursive: true });
  const behind = await openEmbeddedSeries({ folder: join(copy, 'series'), now: () => NOW });
  await behind.append([{ labels: { __name__: 'm' }, value: 1, at: NOW }]);
  await behind.close();
  const journal = await restore(copy, '--data', data);
  assert.match(journal.stderr, /only in its journal/);
  assert.deepEqual([nothing.code, journal.code], [1, 1]);
  assert.deepEqual(readdirSync(data), []);
  assert.equal(holdLock(join(data, 'tocsin.pid'), 'test').kind, 'held');
  const held = await restore(snapshot, '--data', data);
  assert.match(held.stderr, /A server \(process \d+\) works on/);
  assert.equal((await command(['restore'])).code, 2);
});
