import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import type { Labels } from '../../core/base/labels.ts';
import { DEFAULT_LIMITS } from '../../core/series/series-table.ts';
import { encodeWriteRequest } from '../../core/wire/encode-write.ts';
import { encodeSnappy } from '../../core/wire/snappy.ts';
import { openEmbeddedSeries } from './embedded.ts';
import type { QueryAnswer } from './query-answer.ts';
import type { SeriesStore } from './store.ts';

const NOW = 1_700_000_000_000;
const now = (): number => NOW;

if (process.argv[2] === 'write-forever') await writeForever(String(process.argv[3]), Number(process.argv[4]));

const root = mkdtempSync(join(tmpdir(), 'tocsin-series-'));
after(() => rmSync(root, { recursive: true, force: true }));

function body(labels: Labels, value: number | 'stale', at = NOW): Uint8Array {
  return encodeWriteRequest([{ labels, samples: [{ at, value }] }]);
}

function values(answer: QueryAnswer): Record<string, number[]> {
  assert.ok(answer.result !== 'error' && answer.result !== 'string', JSON.stringify(answer));
  const { labels, ends, values: all } = answer.series;
  return Object.fromEntries(labels.map((one, i) => [one['host'] ?? '', [...all.subarray(ends[i - 1] ?? 0, ends[i])]]));
}

const everything = { selectors: [], from: 0, to: NOW * 2, limit: 100 };

async function withStore(name: string, run: (store: SeriesStore) => Promise<void>): Promise<void> {
  const store = await openEmbeddedSeries({ folder: join(root, name), now });
  try {
    await run(store);
  } finally {
    await store.close();
  }
}

test('what is written in any encoding is there to query, also after a restart', async () => {
  await withStore('basic', async (store) => {
    const written = { samples: 1, series: 1, refused: [] };
    assert.deepEqual(await store.write(encodeSnappy(body({ __name__: 'up', host: 'a' }, 1)), 'snappy', 'test'), written);
    assert.deepEqual(await store.write(zstdCompressSync(body({ __name__: 'up', host: 'b' }, 0)), 'zstd', 'test'), written);
    assert.deepEqual(await store.write(body({ __name__: 'up', host: 'c' }, 5), 'none', 'test'), written);
    assert.deepEqual(await store.append([{ labels: { __name__: 'own', host: 'd' }, value: 7, at: NOW }]), written);
    assert.deepEqual(await store.write(body({ __name__: 'up', host: 'gone' }, 'stale'), 'none', 'test'), written);
  });
  await withStore('basic', async (store) => {
    assert.deepEqual(values(await store.instant('up', NOW)), { a: [1], b: [0], c: [5] });
    assert.deepEqual(values(await store.instant('own + 1', NOW)), { d: [8] });
    assert.deepEqual(values(await store.range('up{host="a"}', { start: NOW - 1_000, end: NOW + 2_000, step: 1_000 })), { a: [1, 1, 1] });
    assert.deepEqual(values(await store.instant('up[5m]', NOW)), { a: [1], b: [0], c: [5] }, 'no staleness marker is shown');
    const status = await store.status();
    assert.deepEqual({ series: status.series, records: status.replay.records }, { series: 5, records: 5 });
    assert.deepEqual(status.topNames, [
      { name: 'up', value: 4 },
      { name: 'own', value: 1 },
    ]);
    assert.deepEqual(status.topLabels, [
      { name: 'host', value: 5 },
      { name: '__name__', value: 2 },
    ]);
    assert.deepEqual(status.sources, [
      { name: 'test', value: 4 },
      { name: 'tocsin', value: 1 },
    ]);
  });
});

test('remote write 2.0 reaches the same series; a histogram that contradicts itself is refused by name', async () => {
  const text = (value: string): number[] => [value.length, ...Buffer.from(value)];
  const symbols = ['', '__name__', 'up', 'host', 'a'].flatMap((symbol) => [34, ...text(symbol)]);
  const request = (...fields: number[]): Uint8Array => Uint8Array.of(...symbols, 42, fields.length + 6, 10, 4, 1, 2, 3, 4, ...fields);
  await withStore('two', async (store) => {
    await store.write(body({ __name__: 'up', host: 'a' }, 1, 5), 'none', 'test');
    const sample = [18, 11, 9, 0, 0, 0, 0, 0, 0, 0, 64, 16, 6];
    assert.deepEqual(await store.write(encodeSnappy(request(...sample)), 'snappy', 'test', 2), { samples: 1, series: 0, refused: [] });
    const histogram = await store.write(encodeSnappy(request(26, 2, 8, 1)), 'snappy', 'test', 2);
    assert.deepEqual(histogram, { samples: 0, series: 0, refused: [{ reason: 'histogram-counts-inconsistent', count: 1 }] });
  });
  await withStore('two', async (store) => assert.deepEqual(values(await store.instant('up[1m]', 10)), { a: [1, 2] }));
});

test('series, label names and values can be listed', async () => {
  await withStore('lists', async (store) => {
    for (const host of ['b', 'a']) await store.write(body({ __name__: 'up', host }, 1), 'none', 'test');
    await store.write(body({ __name__: 'load', cpu: '0' }, 1), 'none', 'test');
    assert.deepEqual(await store.labelNames(everything), ['__name__', 'cpu', 'host']);
    assert.deepEqual(await store.labelValues('host', everything), ['a', 'b']);
    const selectors = [[{ name: '__name__', op: '=' as const, value: 'load' }]];
    assert.deepEqual(await store.series({ ...everything, selectors }), [{ __name__: 'load', cpu: '0' }]);
    assert.deepEqual(await store.labelNames({ ...everything, selectors }), ['__name__', 'cpu']);
    assert.deepEqual(await store.series({ ...everything, from: NOW + 1 }), []);
  });
});

test('rules hear of their series at once, and only of theirs', async () => {
  await withStore('watch', async (store) => {
    const heard: string[][] = [];
    store.onTouched = (ids) => heard.push([...ids].sort());
    const rules = [
      { id: 'cpu', expr: 'rate(cpu[1m]) > 1' },
      { id: 'bad', expr: 'rate(' },
      { id: 'both', expr: 'cpu and on(host) mem offset 5m' },
      { id: 'info', expr: 'info(disk) > 1' },
    ];
    assert.deepEqual(await store.watch(rules), ['bad']);
    for (const name of ['cpu', 'disk', 'mem', 'target_info']) await store.write(body({ __name__: name, host: 'a' }, 1), 'none', 'test');
    assert.deepEqual(heard, [['both', 'cpu'], ['info'], ['both'], ['info']]);
  });
});

test('bad, oversized and unknown things are outcomes, and the rest is unharmed', async () => {
  await withStore('bad', async (store) => {
    await store.write(body({ __name__: 'up', host: 'a' }, 1), 'none', 'test');
    const bomb = zstdCompressSync(new Uint8Array(100 << 20));
    const outcomes = [
      await store.write(Uint8Array.of(1, 2, 3), 'none', 'test'),
      await store.write(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x08), 'snappy', 'test'),
      await store.write(Uint8Array.of(1, 2, 3), 'zstd', 'test'),
      await store.write(bomb, 'zstd', 'test'),
      await store.write(new Uint8Array(33 << 20), 'none', 'test'),
    ];
    assert.deepEqual(
      outcomes.map((outcome) => 'error' in outcome && outcome.error),
      ['bad', 'too-large', 'bad', 'too-large', 'too-large'],
    );
    const [refused] = [await store.write(body({ host: 'nameless' }, 1), 'none', 'test')];
    assert.deepEqual(refused, { samples: 0, series: 0, refused: [{ reason: 'metric-name-missing', count: 1 }] });
    const query = await store.instant('up +', NOW);
    assert.ok(query.result === 'error' && query.error === 'bad-query');
    const status = await store.status();
    assert.deepEqual(status.requests, { taken: 2, bad: 2, tooLarge: 3, unavailable: 0 });
    assert.deepEqual(values(await store.instant('up', NOW)), { a: [1] });
  });
});

test('a full disk makes writes unavailable, and only them; the store recovers by itself', async () => {
  const folder = join(root, 'full');
  const store = await openEmbeddedSeries({ folder, now, sync: 'full' });
  const segment = join(folder, 'journal', '00000001.log');
  symlinkSync('/dev/full', segment);
  const lost = await store.write(body({ __name__: 'up', host: 'a' }, 1), 'none', 'test');
  assert.ok('error' in lost && lost.error === 'unavailable');
  assert.match(String((await store.status()).journalProblem), /ENOSPC/);
  assert.deepEqual(values(await store.instant('up', NOW)), {});
  unlinkSync(segment);
  assert.deepEqual(await store.write(body({ __name__: 'up', host: 'b' }, 2), 'none', 'test'), { samples: 1, series: 1, refused: [] });
  assert.deepEqual(values(await store.instant('up', NOW)), { b: [2] });
  assert.equal((await store.status()).journalProblem, null);
  await store.close();
});

test('a query ends when its client is gone or its time is up', async () => {
  await withStore('cancel', async (store) => {
    await store.write(body({ __name__: 'up', host: 'a' }, 1), 'none', 'test');
    const gone = AbortSignal.abort();
    const canceled = await store.instant('up', NOW, { signal: gone });
    assert.ok(canceled.result === 'error' && canceled.error === 'canceled');
    const late = await store.range('sum(up)', { start: NOW - 1e7, end: NOW, step: 1_000 }, { timeout: -1 });
    assert.ok(late.result === 'error' && late.error === 'timeout');
  });
});

test('a long query is answered by another thread, while writes go on; it can be canceled and bounded', async () => {
  await withStore('long', async (store) => {
    const hosts = Array.from({ length: 500 }, (_, i) => `h${i}`);
    for (let step = 0; step < 1_000; step += 1) {
      const series = hosts.map((host, i) => ({
        labels: { __name__: 'm', host },
        samples: [{ at: NOW - (1_000 - step) * 1_000, value: i + step }],
      }));
      await store.write(encodeSnappy(encodeWriteRequest(series)), 'snappy', 'test');
    }
    await store.keep('all');
    const grid = { start: NOW - 900_000, end: NOW - 1_000, step: 1_000 };
    let written = 0;
    let running = true;
    const writing = (async () => {
      for (; running; written += 1) await store.write(body({ __name__: 'other', host: 'x' }, written, NOW + written), 'none', 'test');
    })();
    const sums = await store.range('sum(avg_over_time(m[100s]))', grid);
    running = false;
    await writing;
    assert.ok(written > 10, `only ${written} writes`);
    const lengths = values(sums)['']?.length;
    assert.equal(lengths, 900);
    const expected = hosts.reduce((sum, _, i) => sum + i + 999 - 49.5, 0);
    assert.ok(Math.abs((values(sums)['']?.at(-1) ?? 0) - expected) < 1e-3);
    assert.equal(values(await store.range('count(m)', grid))['']?.at(-1), 500, 'the labels are there the second time, too');
    // More often than batches may be under way: what was not read to its end must not be in the way of others.
    for (const samples of [250_000, 300_000, 350_000, 400_000, 450_000]) {
      const many = await store.range('avg_over_time(m[100s])', grid, { samples });
      assert.ok(many.result === 'error' && many.error === 'too-many-samples');
    }
    // Of half a million samples only the last before each instant counts.
    const coarse = await store.range('count(m)', { ...grid, step: 100_000 }, { samples: 20_000 });
    assert.deepEqual(values(coarse)[''], Array<number>(9).fill(500));
    const controller = new AbortController();
    const canceled = store.range('sum(avg_over_time(m[100s])) + 1', grid, { signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    const outcome = await canceled;
    assert.ok(outcome.result === 'error' && outcome.error === 'canceled', outcome.result);
    assert.deepEqual(values(await store.range('sum(avg_over_time(m[100s]))', grid)), values(sums));
  });
});

test('a query does not wait for all the writes that came before it', async () => {
  await withStore('turns', async (store) => {
    const samples = Array.from({ length: 20_000 }, (_, i) => ({ at: NOW - 40_000_000 + i * 1_000, value: i }));
    let written = 0;
    const writes = Array.from({ length: 60 }, async (_, i) => {
      const outcome = await store.write(encodeWriteRequest([{ labels: { __name__: 'w', host: String(i) }, samples }]), 'none', 'test');
      assert.ok('samples' in outcome && outcome.samples === 20_000, JSON.stringify(outcome));
      written += 1;
    });
    await store.instant('count(w)', NOW);
    assert.ok(written < 30, `${written} writes came first`);
    await Promise.all(writes);
    assert.deepEqual(values(await store.instant('count(last_over_time(w[1d]))', NOW)), { '': [60] });
  });
});

test('series whose samples are all deleted are forgotten, and make room for new ones', async () => {
  const day = 86_400_000;
  let clock = NOW;
  const store = await openEmbeddedSeries({
    folder: join(root, 'forget'),
    now: () => clock,
    rules: { retention: day, limits: { ...DEFAULT_LIMITS, series: 12_000 } },
  });
  const heard: string[] = [];
  store.onTouched = (ids) => heard.push(...ids);
  await store.watch([{ id: 'kept', expr: 'kept' }]);
  const churn = (round: string, count: number): Uint8Array =>
    encodeWriteRequest(
      Array.from({ length: count }, (_, i) => ({ labels: { __name__: 'pod', i: `${round}-${i}` }, samples: [{ at: clock, value: 1 }] })),
    );
  await store.write(churn('a', 11_000), 'none', 'test');
  assert.ok('refused' in (await store.write(churn('b', 2_000), 'none', 'test')));
  assert.equal((await store.status()).series, 12_000);
  await store.keep('all');
  clock += 2 * day;
  await store.write(body({ __name__: 'kept', host: 'k' }, 1, clock), 'none', 'test');
  await store.append([{ labels: { __name__: 'pod', i: 'a-0' }, value: 2, at: clock }]);
  await store.keep('due');
  const status = await store.status();
  assert.deepEqual([status.rebuilds, status.blocks], [1, 1]);
  assert.ok(status.series < 10, `${status.series} series`);
  const written = await store.write(churn('c', 11_000), 'none', 'test');
  assert.ok('refused' in written && written.refused.length === 0);
  heard.length = 0;
  await store.write(body({ __name__: 'kept', host: 'k' }, 2, clock + 1), 'none', 'test');
  assert.deepEqual(heard, ['kept']);
  assert.deepEqual(values(await store.instant('kept', clock + 1)), { k: [2] });
  assert.deepEqual(values(await store.instant('count(pod)', clock + 1)), { '': [11_001] });
  await store.close();
});

/** Writes sample after sample, and says each number that was answered. Run as a process of its own, to be killed. */
async function writeForever(folder: string, first: number): Promise<void> {
  const store = await openEmbeddedSeries({ folder, now: () => NOW, segmentBytes: 2_000, keeping: { flushSamples: 20 } });
  for (let n = first; ; n += 1) {
    const outcome = await store.write(
      encodeSnappy(body({ __name__: 'n', host: String(n % 10) }, n, NOW - 1_000_000 + n)),
      'snappy',
      'child',
    );
    if ('error' in outcome) throw new Error(outcome.message);
    process.stdout.write(`${n}\n`);
    // Blocks are written and merged all the time, so that most kills hit one of these.
    if (n % 15 === 0) store.keep('due').catch(() => {});
  }
}

function lastAnswered(child: ChildProcess, kill: number): Promise<number> {
  return new Promise((done) => {
    let last = -1;
    assert.ok(child.stdout !== null);
    createInterface(child.stdout).on('line', (line) => {
      last = Number(line);
      if (last === kill) child.kill('SIGKILL');
    });
    child.on('close', () => done(last));
  });
}

test('after kill -9 during load every answered sample is there, once', async () => {
  const folder = join(root, 'killed');
  let answered = -1;
  let most = 0;
  for (let round = 0; round < 5; round += 1) {
    const child = spawn(process.execPath, [import.meta.filename, 'write-forever', folder, String(answered + 1)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    answered = await lastAnswered(child, answered + 130 + round * 37);
    await withStore('killed', async (store) => {
      const found = await store.instant('n[1h]', NOW);
      assert.ok(found.result === 'matrix');
      const there = new Map<number, number>();
      for (const value of found.series.values) there.set(value, (there.get(value) ?? 0) + 1);
      for (let n = 0; n <= answered; n += 1) assert.equal(there.get(n), 1, `sample ${n} of ${answered}`);
      // More may be there: what was answered while the process died unheard.
      assert.ok([...there.values()].every((times) => times === 1));
      const { blocks, blockProblems } = await store.status();
      assert.deepEqual(blockProblems, []);
      most = Math.max(most, blocks);
      answered = there.size - 1;
    });
  }
  assert.ok(answered > 600 && most > 0);
});

test('many instant vectors are answered at once, each with what is wanted of it', async () => {
  await withStore('vectors', async (store) => {
    for (const [host, value] of Object.entries({ a: 1, b: 5, c: Number.NaN })) {
      await store.write(body({ __name__: 'v', host }, value), 'none', 'test');
    }
    const [all, above, between, none, scalar, text, wrong, twice, presence] =
      (await store.local?.vectors(
        [
          { expr: 'v', worth: null },
          { expr: 'v', worth: [{ above: 3, below: null }] },
          {
            expr: 'v',
            worth: [
              { above: 7, below: null },
              { above: 0, below: 2 },
            ],
          },
          { expr: 'absent_metric', worth: null },
          { expr: '2 + 3', worth: null },
          { expr: '"text"', worth: null },
          { expr: 'v +', worth: null },
          { expr: 'label_replace(v, "host", "same", "", "")', worth: [{ above: 100, below: null }] },
          { expr: 'v', worth: [{ above: null, below: null }] },
        ],
        NOW,
      )) ?? [];
    const shown = (read: typeof all): unknown => {
      assert.ok(read !== undefined && read !== 'slow', 'answered');
      return 'error' in read ? read.error : read.labels.map((labels, i) => `${labels['host'] ?? ''} ${read.values[i]}`).sort();
    };
    assert.deepEqual(shown(all), ['a 1', 'b 5', 'c NaN']);
    assert.deepEqual(shown(above), ['b 5']);
    assert.deepEqual(shown(between), ['a 1']);
    assert.deepEqual(shown(none), []);
    assert.deepEqual(shown(scalar), [' 5']);
    assert.equal(shown(text), 'a rule needs numbers, this is a text');
    assert.match(String(shown(wrong)), /parse error|unexpected/);
    assert.match(String(shown(twice)), /same labelset/, 'also where no value is wanted');
    assert.deepEqual(shown(presence), ['a 1', 'b 5', 'c NaN']);
  });
});

test('an instant vector that takes long is left to be asked alone, and the others are answered', async () => {
  await withStore('slow', async (store) => {
    const samples = Array.from({ length: 2_000 }, (_, i) => ({ at: NOW - i * 100, value: i }));
    const series = Array.from({ length: 120 }, (_, i) => ({ labels: { __name__: 'w', host: String(i) }, samples: samples.toReversed() }));
    await store.write(encodeWriteRequest(series), 'none', 'test');
    const ask = { expr: 'count(last_over_time(w[1h]))', worth: null };
    for (let round = 0; round < 3; round += 1) {
      const [slow, quick] = (await store.local?.vectors([ask, { expr: 'last_over_time(w{host="7"}[1s])', worth: null }], NOW)) ?? [];
      assert.equal(slow, 'slow');
      assert.ok(quick !== undefined && quick !== 'slow' && !('error' in quick));
      assert.deepEqual([...quick.values], [0]);
    }
    assert.deepEqual(values(await store.instant(ask.expr, NOW)), { '': [120] });
  });
});
