import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY, MINUTE } from '../../src/core/base/time.ts';
import { encodeWriteRequest } from '../../src/core/wire/encode-write.ts';
import { openEmbeddedSeries } from '../../src/io/series/embedded.ts';
import type { LocalSeries, SeriesStore } from '../../src/io/series/store.ts';

const NOW = 1_700_000_000_000;
const root = mkdtempSync(join(tmpdir(), 'tocsin-snapshot-'));
after(async () => {
  for (const store of opened) await store.close();
  rmSync(root, { recursive: true, force: true });
});

const opened: SeriesStore[] = [];

async function open(folder: string): Promise<SeriesStore> {
  const store = await openEmbeddedSeries({ folder, now: () => NOW, rules: { lateWindow: 10 * DAY } });
  opened.push(store);
  return store;
}

function local(store: SeriesStore): LocalSeries {
  assert.ok(store.local !== null);
  return store.local;
}

async function write(store: SeriesStore, name: string, from: number, count: number): Promise<void> {
  const samples = Array.from({ length: count }, (_, i) => ({ at: NOW - (from - i) * MINUTE, value: i }));
  const outcome = await store.write(encodeWriteRequest([{ labels: { __name__: 'm', name }, samples }]).slice(), 'none', 'test');
  assert.ok(!('error' in outcome));
}

async function count(store: SeriesStore): Promise<Record<string, number>> {
  const answer = await store.instant('count_over_time(m[10d])', NOW);
  assert.ok(answer.result === 'vector');
  return Object.fromEntries(answer.series.labels.map(({ name = '' }, i) => [name, answer.series.values[i] ?? 0]));
}

test('a snapshot has what was answered before, and stays so, while the store goes on, merges, deletes and cleans', async () => {
  const folder = join(root, 'store');
  const store = await open(folder);
  await write(store, 'a', 5_000, 5_000);
  await store.keep('all');
  await write(store, 'b', 100, 100);
  await local(store).delete({ selectors: [[{ name: 'name', op: '=', value: 'a' }]], from: NOW - 2_000 * MINUTE, to: NOW });
  const before = await count(store);
  assert.deepEqual(before, { a: 3_000, b: 100 });
  const made = await local(store).snapshot('first', 'all');
  assert.ok(!('error' in made), JSON.stringify(made));
  const withoutHead = local(store);
  await write(store, 'c', 50, 50);
  const second = await withoutHead.snapshot(null, 'blocks');
  assert.ok(!('error' in second));
  assert.match(second.name, /^\d{8}T\d{6}Z-[0-9a-f]{16}$/);
  await local(store).delete({ selectors: [[{ name: 'name', op: '=~', value: '.+' }]], from: NOW - 10 * DAY, to: NOW });
  await local(store).clean();
  assert.deepEqual(await count(store), {});
  assert.deepEqual(new Set((await local(store).snapshots()).map(({ name }) => name)), new Set(['first', second.name]));
  for (const name of ['first', second.name]) {
    const copy = await open(join(folder, 'snapshots', name));
    assert.deepEqual(await count(copy), before, name);
    assert.deepEqual((await copy.status()).damage, []);
    await write(copy, 'd', 10, 10);
    assert.deepEqual(await count(copy), { ...before, d: 10 });
    await copy.close();
  }
  await store.close();
});

test('blocks of a snapshot are those of the store, not copies; names are checked; what a crash left is swept away', async () => {
  const folder = join(root, 'links');
  const store = await open(folder);
  await write(store, 'a', 100, 100);
  assert.ok(!('error' in (await local(store).snapshot('one', 'all'))));
  const [block = ''] = readdirSync(join(folder, 'snapshots/one/blocks')).filter((name) => name.endsWith('.block'));
  assert.equal(statSync(join(folder, 'blocks', block)).ino, statSync(join(folder, 'snapshots/one/blocks', block)).ino);
  for (const name of ['one', '../two', '', '.', 'a/b', 'x'.repeat(101)])
    assert.ok('error' in (await local(store).snapshot(name, 'all')), name);
  assert.deepEqual([await local(store).removeSnapshot('../links'), await local(store).removeSnapshot('two')], [false, false]);
  assert.equal(await local(store).removeSnapshot('one'), true);
  assert.deepEqual(await local(store).snapshots(), []);
  assert.deepEqual(await count(store), { a: 100 });
  await store.close();
  for (const left of ['two.new', 'three.gone']) mkdirSync(join(folder, 'snapshots', left));
  const again = await open(folder);
  assert.deepEqual(readdirSync(join(folder, 'snapshots')), []);
  await again.close();
});
