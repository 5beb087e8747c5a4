import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeWriteRequest } from '../../core/wire/encode-write.ts';
import { openEmbeddedSeries } from './embedded.ts';
import type { SeriesStore } from './store.ts';
import type { StoredAsk } from './stored-samples.ts';

const NOW = 1_700_000_000_000;
const folder = mkdtempSync(join(tmpdir(), 'tocsin-stored-'));
let store: SeriesStore;

before(async () => {
  store = await openEmbeddedSeries({ folder, now: () => NOW });
  const samples = (values: readonly (number | 'stale')[]) => values.map((value, i) => ({ at: NOW - 60_000 + i * 30_000, value }));
  const body = encodeWriteRequest([
    { labels: { __name__: 'up', host: 'a' }, samples: samples([1, 2, 3]) },
    { labels: { __name__: 'up', host: 'b' }, samples: samples([4, 'stale']) },
    { labels: { __name__: 'other' }, samples: samples([5]) },
  ]);
  await store.write(body, 'none', 'test');
});
after(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const up = [{ name: '__name__', op: '=', value: 'up' }] as const;
const ask = async (change: Partial<StoredAsk> = {}): Promise<unknown> => {
  const answer = await store.samples({ selectors: [up], from: 0, to: NOW, which: 'all', sampleLimit: 100, ...change });
  if ('error' in answer) return answer.error;
  const { labels, ends, times, values, stale } = answer;
  return labels.map((one, i) => {
    const places = Array.from({ length: (ends[i] ?? 0) - (ends[i - 1] ?? 0) }, (_, k) => (ends[i - 1] ?? 0) + k);
    return [one['host'] ?? '', ...places.map((at) => [(times[at] ?? 0) - NOW, stale[at] === 1 ? 'stale' : values[at]])];
  });
};

test('stored samples come as they are, with staleness markers, both ends of the window included', async () => {
  const whole = [
    ['a', [-60_000, 1], [-30_000, 2], [0, 3]],
    ['b', [-60_000, 4], [-30_000, 'stale']],
  ];
  assert.deepEqual(await ask(), whole);
  await store.keep('all');
  assert.deepEqual(await ask(), whole, 'from block files as well');
  assert.deepEqual(await ask({ from: NOW - 30_000, to: NOW - 30_000 }), [
    ['a', [-30_000, 2]],
    ['b', [-30_000, 'stale']],
  ]);
});

test('the last of each only, each series once, and no more than may be read', async () => {
  assert.deepEqual(await ask({ which: 'last' }), [
    ['a', [0, 3]],
    ['b', [-30_000, 'stale']],
  ]);
  const both = [up, [{ name: 'host', op: '=~', value: 'a|b' }]] as const;
  assert.deepEqual(await ask({ selectors: both, which: 'last' }), await ask({ which: 'last' }));
  assert.equal(await ask({ sampleLimit: 4 }), 'too-many-samples');
});

test('the status has lists as long as they are asked for, and a query says what it took', async () => {
  assert.deepEqual((await store.status(1)).topNames, [{ name: 'up', value: 2 }]);
  const status = await store.status();
  assert.equal(status.topNames.length, 2);
  assert.deepEqual(status.topLabelBytes, [
    { name: '__name__', value: 'up'.length + 'other'.length },
    { name: 'host', value: 2 },
  ]);
  assert.equal(status.chunks, 3);
  const answer = await store.instant('sum(up)', NOW);
  assert.ok(answer.result === 'vector' && answer.cost !== null);
  assert.ok(answer.cost.samples >= 2 && answer.cost.peak >= 1 && answer.cost.evaluating >= 0);
});
