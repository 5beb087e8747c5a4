import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { series } from '../contract/api/series.ts';
import { DAY, HOUR } from '../core/base/time.ts';
import { encodeWriteRequest } from '../core/wire/encode-write.ts';
import type { Counters } from '../core/base/counters.ts';
import { openEmbeddedSeries } from '../io/series/embedded.ts';
import type { SeriesStore } from '../io/series/store.ts';
import { describeHealth, seriesDocument } from './series-document.ts';
import { measureSeries } from './series-gauges.ts';

const NOW = 1_700_000_000_000;
const root = mkdtempSync(join(tmpdir(), 'tocsin-document-'));
after(() => rmSync(root, { recursive: true, force: true }));

async function fill(store: SeriesStore, from: number, to: number, names: number): Promise<void> {
  for (let i = 0; i < names; i += 1) {
    const samples = Array.from({ length: (to - from) / 60_000 }, (_, n) => ({ at: from + n * 60_000, value: Math.sin(n * i) }));
    const body = encodeWriteRequest([{ labels: { __name__: `m${i % 3}`, i: String(i) }, samples }]);
    assert.ok(!('error' in (await store.write(body, 'none', 'test'))));
  }
}

test('the document says what is stored, what is in which block, and when the limit of bytes is reached', async () => {
  let now = NOW;
  const store = await openEmbeddedSeries({
    folder: join(root, 'a'),
    now: () => now,
    rules: { retention: 30 * DAY },
    keeping: { retentionBytes: 10_000_000 },
  });
  await fill(store, NOW - 4 * DAY, NOW - HOUR, 9);
  await store.keep('all');
  await fill(store, NOW - HOUR, NOW, 9);
  for (let hour = 0; hour < 12; hour += 1) {
    now = NOW + hour * HOUR;
    await store.keep('due');
  }
  const document = series.status.response.parse(seriesDocument(await store.status(2), NOW));
  assert.deepEqual(
    [document.kind, document.state, document.series, document.samples.taken, document.samples.unwritten],
    ['embedded', 'ok', 9, 9 * 4 * 1_440, 0],
  );
  assert.deepEqual(document.top.metrics, [
    { name: 'm0', value: 3 },
    { name: 'm1', value: 3 },
  ]);
  const { items } = document.blocks;
  assert.ok(
    items.length >= 4 && items.every((block) => block.tier === 'raw' && !block.cold && block.problem === null && block.series === 9),
  );
  assert.ok(items.every((block, i) => i === 0 || block.from <= (items[i - 1]?.from ?? 0)));
  assert.equal(
    items.reduce((sum, block) => sum + block.samples, 0),
    document.blocks.samples,
  );
  const { forecast } = document;
  const perDay = document.blocks.bytes / 4;
  assert.ok(Math.abs((forecast.bytesPerDay ?? 0) / perDay - 1) < 0.1, `${forecast.bytesPerDay} instead of about ${perDay}`);
  assert.ok(Math.abs((forecast.steadyBytes ?? 0) - 30 * (forecast.bytesPerDay ?? 0)) < 1);
  assert.deepEqual([document.retention, document.growth.length, forecast.seriesPerDay], [{ keep: 30 * DAY, bytes: 10_000_000 }, 12, 0]);
  const room = 10_000_000 - document.blocks.bytes;
  if (room < 26 * (forecast.bytesPerDay ?? 0)) {
    assert.ok(Math.abs((forecast.limitAt ?? 0) - (NOW + (room / (forecast.bytesPerDay ?? 1)) * DAY)) < DAY);
  } else assert.equal(forecast.limitAt, null);
  const counters: Counters = new Map();
  await measureSeries(counters, store);
  assert.equal([...(counters.get('tocsin_series')?.values.values() ?? [])][0]?.value, 9);
  await store.close();
  const again = await openEmbeddedSeries({ folder: join(root, 'a'), now: () => now });
  assert.deepEqual((await again.status()).growth, document.growth);
  await again.close();
});

test('an empty store has no forecast, and says so', async () => {
  const store = await openEmbeddedSeries({ folder: join(root, 'b'), now: () => NOW });
  const document = series.status.response.parse(seriesDocument(await store.status(), NOW));
  const { bytesPerDay, steadyBytes, limitAt, diskFullAt } = document.forecast;
  assert.deepEqual(
    { bytesPerDay, steadyBytes, limitAt, diskFullAt },
    { bytesPerDay: null, steadyBytes: null, limitAt: null, diskFullAt: null },
  );
  assert.ok((document.disk?.freeBytes ?? 0) > 0);
  await store.close();
});

test('what is worst is said first', () => {
  const well = { disk: null, journalProblem: null, keepingProblem: null, forwarding: null, damage: [] };
  const disk = { freeBytes: 1, totalBytes: 2, floorBytes: 1, full: 'no room' };
  const forwarding = { delivered: 1, refused: 0, waitingBytes: 0 };
  const states = [
    well,
    { ...well, disk, journalProblem: 'ENOSPC' },
    { ...well, journalProblem: 'EIO' },
    { ...well, keepingProblem: 'EIO', damage: [{ where: '1.block', why: 'the file is missing' }] },
    { ...well, damage: [{ where: '1.block', why: 'the file is missing' }] },
    { ...well, forwarding },
    { ...well, forwarding, keepingProblem: 'away' },
  ].map(describeHealth);
  assert.deepEqual(
    states.map(({ state }) => state),
    ['ok', 'down', 'down', 'degraded', 'degraded', 'ok', 'degraded'],
  );
  assert.match(states[4]?.message ?? '', /1\.block: the file is missing/);
});
