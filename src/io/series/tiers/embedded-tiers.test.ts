import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY, HOUR, MINUTE } from '../../../core/base/time.ts';
import { type Histogram, NO_BUCKETS } from '../../../core/promql/histogram.ts';
import { encodeWriteRequest } from '../../../core/wire/encode-write.ts';
import { openEmbeddedSeries } from '../embedded.ts';

const DAY_0 = 20_000 * DAY;
const root = mkdtempSync(join(tmpdir(), 'tocsin-embedded-tiers-'));
after(() => rmSync(root, { recursive: true, force: true }));

test('both threads answer from tiers, and say so', async (context) => {
  let now = DAY_0;
  const keepMatching = [{ match: 'debug', matchers: [{ name: '__name__', op: '=', value: 'debug' } as const], keep: DAY }];
  const tiers = [{ every: 5 * MINUTE, keep: 90 * DAY }];
  const store = await openEmbeddedSeries({
    folder: join(root, 'numbers'),
    now: () => now,
    rules: { retention: DAY },
    keeping: { tiers },
    keepMatching,
  });
  context.after(() => store.close());
  for (let hour = DAY_0; hour < DAY_0 + 3 * DAY; hour += HOUR) {
    now = hour + HOUR;
    const samples = Array.from({ length: 60 }, (_, i) => ({ at: hour + (i + 1) * MINUTE, value: (hour - DAY_0) / MINUTE + i }));
    const counters = Array.from({ length: 10 }, (_, i) => ({ labels: { __name__: 'm_total', i: String(i) }, samples }));
    const body = encodeWriteRequest([{ labels: { __name__: 'debug' }, samples }, ...counters]);
    assert.ok(!('error' in (await store.write(body, 'none', 'test'))));
    await store.keep('due');
  }
  const grid = { start: DAY_0 + HOUR, end: DAY_0 + 3 * DAY, step: 5 * MINUTE };
  const small = await store.range('sum(increase(m_total[1h]))', grid);
  assert.ok(small.result === 'matrix');
  assert.deepEqual(small.cost?.tiers, ['raw', '5m']);
  assert.ok(small.series.values.every((value) => Math.abs(value - 600) < 0.01 || value > 580));
  const long = `sum(${Array.from({ length: 150 }, (_, i) => `increase(m_total[${60 + i * 5}m])`).join(' + ')})`;
  const large = await store.range(long, grid);
  assert.ok(large.result === 'matrix' && large.series.ends[0] === small.series.ends[0]);
  assert.deepEqual(large.cost?.tiers, ['raw', '5m']);
  assert.deepEqual(large.infos, small.infos);
  const rough = await store.range('stddev_over_time(m_total[1h])', { ...grid, end: DAY_0 + DAY });
  assert.ok(rough.result === 'matrix');
  assert.deepEqual(rough.cost?.tiers, ['5m']);
  assert.match(rough.infos.join(), /stddev_over_time sees the last one of every 5m/);
  const debug = await store.range('count_over_time(debug[1h])', { ...grid, step: HOUR });
  assert.ok(debug.result === 'matrix');
  assert.equal(debug.series.times[0], DAY_0 + 2 * DAY + HOUR, 'what is kept shorter is gone from samples and tiers');
  const { purges } = await store.health();
  assert.deepEqual([...new Set(purges.map(({ what, why }) => `${what}: ${why}`))].sort(), ['debug: retention', 'raw: retention']);
  const names = await store.series({ selectors: [], from: DAY_0, to: DAY_0 + HOUR, limit: 100 });
  assert.equal(names.length, 10, 'series are listed where only tiers are left');
  const status = await store.status();
  assert.deepEqual(
    status.tiers.map(({ tier, from }) => [tier, from]),
    [['5m', DAY_0]],
  );
});

test('both threads answer for native histograms from tiers', async (context) => {
  let now = DAY_0;
  const tiers = [{ every: 5 * MINUTE, keep: 90 * DAY }];
  const store = await openEmbeddedSeries({
    folder: join(root, 'histograms'),
    now: () => now,
    rules: { retention: DAY },
    keeping: { tiers },
  });
  context.after(() => store.close());
  const histogramAt = (minute: number): Histogram => {
    const positive = { index: Int32Array.of(-1, 2), count: Float64Array.of(2 * minute, minute) };
    return {
      schema: 1,
      hint: 'unknown',
      zeroThreshold: 0,
      zeroCount: 0,
      count: 3 * minute,
      sum: minute,
      positive,
      negative: NO_BUCKETS,
      customValues: [],
    };
  };
  for (let hour = DAY_0; hour < DAY_0 + 3 * DAY; hour += HOUR) {
    now = hour + HOUR;
    const samples = Array.from({ length: 60 }, (_, i) => ({
      at: hour + (i + 1) * MINUTE,
      value: histogramAt((hour - DAY_0) / MINUTE + i + 1),
    }));
    assert.ok(!('error' in (await store.write(encodeWriteRequest([{ labels: { __name__: 'h' }, samples }]), 'none', 'test'))));
    await store.keep('due');
  }
  const grid = { start: DAY_0 + 2 * HOUR, end: DAY_0 + 3 * DAY, step: HOUR };
  const terms = (count: number): string => Array.from({ length: count }, () => 'histogram_count(increase(h[1h]))').join(' + ');
  for (const count of [1, 150]) {
    const answer = await store.range(terms(count), grid);
    assert.ok(answer.result === 'matrix' && answer.series.values.length === 71, JSON.stringify(answer));
    assert.deepEqual(answer.cost?.tiers, ['raw', '5m']);
    for (const value of answer.series.values) assert.ok(Math.abs(value / count - 180) < 1e-9, String(value / count));
    const plain = await store.range(Array.from({ length: count }, () => 'sum_over_time(h[10m])').join(' + '), grid);
    assert.ok(plain.result === 'matrix');
    const first = plain.series.histograms?.get(0);
    assert.deepEqual([...(first?.positive.count ?? [])], [2 * 1_155 * count, 1_155 * count]);
  }
});
