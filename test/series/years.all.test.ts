// Four years of a few series in five tiers, from a minute to thirty days: what is kept, from what a query is answered, and whether it is right.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY, HOUR, MINUTE } from '../../src/core/base/time.ts';
import { encodeWriteRequest } from '../../src/core/wire/encode-write.ts';
import { openEmbeddedSeries } from '../../src/io/series/embedded.ts';
import type { SeriesStore } from '../../src/io/series/store.ts';

const YEARS = 4;
const MONTH = 30 * DAY;
const START = Math.ceil((20_000 * DAY) / MONTH) * MONTH;
const DAYS = 365 * YEARS;
const END = START + DAYS * DAY;
/** A sample a minute: the value goes up and down within a day, the counter by one a sample, and it begins anew every hundred days. */
const PER_DAY = DAY / MINUTE;
const level = (sample: number): number => (sample % PER_DAY) + Math.floor(sample / PER_DAY) / 1_000;
const total = (sample: number): number => sample % (100 * PER_DAY);

const root = mkdtempSync(join(tmpdir(), 'tocsin-years-'));
const TIERS = [
  { every: 5 * MINUTE, keep: 7 * DAY },
  { every: HOUR, keep: 90 * DAY },
  { every: DAY, keep: 365 * DAY },
  { every: MONTH, keep: 10 * 365 * DAY },
];
let now = START;
let store: SeriesStore | null = null;
after(async () => {
  await store?.close();
  rmSync(root, { recursive: true, force: true });
});

async function ask(
  expr: string,
  start: number,
  end: number,
  step: number,
): Promise<{ times: number[]; values: number[]; tiers: readonly string[]; infos: string }> {
  assert.ok(store !== null);
  const answer = await store.range(expr, { start, end, step });
  assert.ok(answer.result === 'matrix', JSON.stringify(answer));
  const { times, values } = answer.series;
  return { times: [...times], values: [...values], tiers: answer.cost?.tiers ?? [], infos: answer.infos.join() };
}

test('years come in; each resolution is kept for its own time, and all of it takes little', async () => {
  store = await openEmbeddedSeries({
    folder: root,
    now: () => now,
    rules: { retention: DAY, lateWindow: HOUR },
    keeping: { tiers: TIERS, flushEvery: HOUR },
  });
  for (let day = 0; day < DAYS; day += 1) {
    const first = day * PER_DAY;
    const samples = (of: (sample: number) => number) =>
      Array.from({ length: PER_DAY }, (_, i) => ({ at: START + (first + i + 1) * MINUTE, value: of(first + i) }));
    now = START + (day + 1) * DAY;
    const body = encodeWriteRequest([
      { labels: { __name__: 'level' }, samples: samples(level) },
      { labels: { __name__: 'events_total' }, samples: samples(total) },
    ]);
    assert.ok(!('error' in (await store.write(body.slice(), 'none', 'test'))));
    // Several days at once, so that the disk is not all that is measured.
    if (day % 5 !== 4) continue;
    await store.keep('all');
    await store.keep('due');
  }
  const { tiers, blockSamples, blockBytes, keepingProblem, damage } = await store.status();
  assert.deepEqual([keepingProblem, damage], [null, []]);
  // The last flush brought five days, and a day is deleted when it is in the finest tier.
  assert.ok(blockSamples <= 2 * 8 * PER_DAY, `${blockSamples} samples are left`);
  const bytes = blockBytes + tiers.reduce((sum, tier) => sum + tier.bytes, 0);
  console.log(
    `${YEARS} years of 2 series, ${2 * DAYS * PER_DAY} samples: ${bytes} bytes; ${tiers.map(({ tier, buckets, bytes: own }) => `${tier}: ${buckets} buckets, ${own} bytes`).join('; ')}`,
  );
  for (const [i, { every, keep }] of TIERS.entries()) {
    const reach = END - (tiers[i]?.from ?? END);
    // Whole files are deleted, and a bucket that is not over is not there.
    const slack = Math.max(70 * DAY, 5 * every);
    assert.ok(reach >= Math.min(keep, DAYS * DAY) - DAY && reach <= keep + slack, `${tiers[i]?.tier} reaches back ${reach / DAY} days`);
  }
  assert.equal(tiers.at(-1)?.from, START);
  assert.ok(bytes < 2_000_000, `${bytes} bytes`);
});

test('the coarsest resolution that answers exactly is read by itself, each for its own time', async () => {
  const count = (range: number) => `count_over_time(level[${range / MINUTE}m])`;
  for (const [range, step, back, tier] of [
    [30 * MINUTE, MINUTE, 2 * HOUR, 'raw'],
    [5 * MINUTE, 5 * MINUTE, 6 * DAY, '5m'],
    [HOUR, HOUR, 80 * DAY, '1h'],
    [DAY, DAY, 350 * DAY, '1d'],
    [MONTH, MONTH, 45 * MONTH, '30d'],
  ] as const) {
    const end = Math.floor((END - (tier === 'raw' ? 0 : 2 * DAY)) / step) * step;
    const { times, values, tiers } = await ask(count(range), end - back, end, step);
    assert.deepEqual(
      [tiers.includes(tier), tiers.filter((one) => one !== tier && one !== 'raw').length <= 3],
      [true, true],
      `${tier}: ${tiers}`,
    );
    assert.equal(times.length, Math.floor(back / step) + 1, tier);
    assert.ok(
      values.every((value) => value === range / MINUTE),
      `${tier}: ${[...new Set(values)]}`,
    );
  }
});

test('what is read from months is what the samples said: sums, extremes, averages, growth over resets', async () => {
  const end = Math.floor(END / MONTH) * MONTH;
  const start = START + MONTH;
  const model = (at: number) => {
    const [from, to] = [(at - MONTH - START) / MINUTE, (at - START) / MINUTE];
    let [min, max, sum] = [Infinity, -Infinity, 0];
    for (let sample = from; sample < to; sample += 1) {
      const value = level(sample);
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
    }
    return { min, max, sum, avg: sum / (to - from) };
  };
  for (const func of ['min', 'max', 'sum', 'avg'] as const) {
    const { times, values, tiers, infos } = await ask(`${func}_over_time(level[30d])`, start, end, MONTH);
    assert.ok(tiers.includes('30d'), `${func}: ${tiers}`);
    assert.equal(infos, '');
    assert.equal(times.length, (end - start) / MONTH + 1);
    for (const [i, at] of times.entries()) {
      const wanted = model(at)[func];
      assert.ok(
        Math.abs((values[i] ?? 0) - wanted) <= Math.abs(wanted) * 1e-9,
        `${func} of the 30 days before ${new Date(at).toISOString()}: ${values[i]}, ${wanted}`,
      );
    }
  }
  const grown = await ask('increase(events_total[30d])', start, end, MONTH);
  assert.ok(
    grown.values.every((value) => Math.abs(value - MONTH / MINUTE) < 5),
    grown.values.join(' '),
  );
});

test('a question that no month answers exactly is answered from what is kept, and says so', async () => {
  const at = START + 400 * DAY + 5 * HOUR;
  const { values, tiers, infos } = await ask('max_over_time(level[1d])', at, at + 20 * DAY, DAY);
  assert.ok(values.length > 0 && tiers.includes('30d'));
  assert.match(infos, /rounded to 30d/);
});

test('month over month: the same range a month before, from the same tier', async () => {
  const end = Math.floor(END / MONTH) * MONTH;
  const { values, tiers } = await ask('avg_over_time(level[30d]) - avg_over_time(level[30d] offset 30d)', START + 2 * MONTH, end, MONTH);
  assert.deepEqual(tiers.includes('30d'), true);
  assert.ok(values.length >= 12 * YEARS - 2 && values.every((value) => Math.abs(value - 0.03) < 1e-6), values.join(' '));
});
