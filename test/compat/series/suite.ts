import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import type { Labels } from '../../../src/core/base/labels.ts';
import { MINUTE } from '../../../src/core/base/time.ts';
import { encodeWriteRequest, type WriteSample } from '../../../src/core/wire/encode-write.ts';
import { encodeSnappy } from '../../../src/core/wire/snappy.ts';
import type { Listing } from '../../../src/io/series/messages.ts';
import type { QueryAnswer } from '../../../src/io/series/query-answer.ts';
import type { SeriesStore } from '../../../src/io/series/store.ts';
import { until } from '../../e2e/until.ts';

/** A store under test, and where it is not like the embedded one. */
export interface Candidate {
  readonly name: string;
  readonly open: () => Promise<{ readonly store: SeriesStore; readonly close: () => Promise<void> }>;
  /** Listings know of days only, not of moments. */
  readonly listsByDay?: boolean;
  /** What cannot be parsed is an error of execution. */
  readonly saysExecution?: boolean;
}

/** A full second, so that all stores mean the same moments. */
const NOW = Math.floor(Date.now() / 1000) * 1000;
const STEP = 15_000;
const PATIENCE = 30_000;

const points = (count: number, value: (i: number) => number | 'stale'): WriteSample[] =>
  Array.from({ length: count }, (_, i) => ({ at: NOW - 5 * MINUTE + i * STEP, value: value(i) }));

/** What every store has to do, whoever keeps the series. */
export function testSeriesStore(candidate: Candidate): void {
  describe(`series kept by ${candidate.name}`, () => {
    let opened: Awaited<ReturnType<Candidate['open']>>;
    const touched = new Set<string>();
    const store = (): SeriesStore => opened.store;

    before(async () => {
      opened = await candidate.open();
      store().onTouched = (ids) => ids.forEach((id) => touched.add(id));
      const rules = [
        { id: 'reads-load', expr: 'load{host="a"} > 1' },
        { id: 'reads-nothing', expr: 'never_written' },
        { id: 'broken', expr: 'load{' },
      ];
      assert.deepEqual(await store().watch(rules), ['broken']);
      await writeAll(store());
      // The last body that was written can be read: all are there.
      await until('the samples are there', async () => numbersOf(await store().instant('count(last)', NOW)).length > 0, PATIENCE);
    });
    after(() => opened?.close());

    test('what came in any encoding and version, and what the server adds itself, can be read', async () => {
      const answer = await store().instant('load', NOW);
      assert.deepEqual(byHost(answer), { a: [5], b: [20], 'é"\\': [1.5] });
      assert.deepEqual(numbersOf(await store().instant('own', NOW)), [7]);
      assert.deepEqual(numbersOf(await store().instant('second_version', NOW)), [2]);
    });

    test('instant queries give a vector, a number or a text', async () => {
      assert.deepEqual(numbersOf(await store().instant('sum(load)', NOW)), [26.5]);
      assert.deepEqual(byHost(await store().instant('load{host=~"a|b"} * 2', NOW)), { a: [10], b: [40] });
      assert.deepEqual(numbersOf(await store().instant('increase(requests_total[2m]) > bool 0', NOW)), [1]);
      assert.deepEqual(numbersOf(await store().instant('never_written', NOW)), []);
      assert.deepEqual(numbersOf(await store().instant('1 + 1', NOW)), [2]);
    });

    test('range queries give each series on the grid', async () => {
      const answer = await store().range('load{host=~"a|b"}', { start: NOW - MINUTE, end: NOW, step: 30_000 });
      assert.deepEqual(byHost(answer), { a: [4, 4.5, 5], b: [16, 18, 20] });
      assert.ok(answer.result === 'matrix');
      assert.deepEqual([...answer.series.times.subarray(0, 3)], [NOW - 60_000, NOW - 30_000, NOW]);
      assert.deepEqual(byHost(await store().range('load{host="a"}', { start: NOW, end: NOW, step: 30_000 })), { a: [5] });
    });

    test('a series that ended is gone, not five minutes later', async () => {
      assert.deepEqual(numbersOf(await store().instant('ended', NOW)), []);
      assert.deepEqual(numbersOf(await store().instant('ended', NOW - 5 * MINUTE + 2 * STEP)), [1]);
    });

    test('series, labels and values are listed', async () => {
      const all: Listing = { selectors: [], from: NOW - 6 * MINUTE, to: NOW, limit: 1_000 };
      const named = { name: '__name__', op: '=' as const, value: 'load' };
      const load = { ...all, selectors: [[named]] };
      const hosts = ['a', 'b', 'é"\\'].map((host): Labels => ({ __name__: 'load', host }));
      assert.deepEqual(sorted(await store().series(load)), sorted(hosts));
      assert.deepEqual(await store().labelNames(load), ['__name__', 'host']);
      assert.deepEqual(await store().labelValues('host', load), ['a', 'b', 'é"\\']);
      assert.deepEqual(await store().labelValues('__name__', all), ['ended', 'last', 'load', 'own', 'requests_total', 'second_version']);
      assert.deepEqual(await store().labelValues('host', { ...load, limit: 2 }), ['a', 'b']);
      const few = [{ name: 'host', op: '!~' as const, value: 'b|é.*' }];
      assert.deepEqual(await store().series({ ...load, selectors: [[named, ...few]] }), [{ __name__: 'load', host: 'a' }]);
      if (candidate.listsByDay !== true) assert.deepEqual(await store().series({ ...load, from: 0, to: 1_000 }), []);
    });

    test('samples can be read as they are stored', async () => {
      const selectors = [
        [
          { name: 'host', op: '=' as const, value: 'a' },
          { name: '__name__', op: '=~' as const, value: 'load|ended' },
        ],
      ];
      const window = { selectors, from: NOW - 30_000, to: NOW, sampleLimit: 100 };
      const rows = async (which: 'all' | 'last'): Promise<unknown> => {
        const stored = await store().samples({ ...window, which });
        if ('error' in stored) return stored;
        return stored.labels.map(({ __name__ }, i) => {
          const from = stored.ends[i - 1] ?? 0;
          return [__name__, Array.from(stored.times.subarray(from, stored.ends[i]), (time, k) => [time - NOW, stored.values[from + k]])];
        });
      };
      assert.deepEqual(await rows('all'), [
        [
          'load',
          [
            [-30_000, 4.5],
            [-15_000, 4.75],
            [0, 5],
          ],
        ],
      ]);
      assert.deepEqual(await rows('last'), [['load', [[0, 5]]]]);
      const wide = await store().samples({ ...window, from: 0, which: 'all', sampleLimit: 3 });
      assert.ok('error' in wide && wide.error === 'too-many-samples');
    });

    test('what cannot be asked is an error, and the store goes on', async () => {
      const broken = await store().instant('load{', NOW);
      assert.ok(
        broken.result === 'error' && broken.error === (candidate.saysExecution === true ? 'execution' : 'bad-query'),
        JSON.stringify(broken),
      );
      assert.ok(broken.message.length > 5 && !broken.message.startsWith('invalid parameter'));
      const gone = await store().instant('load', NOW, { signal: AbortSignal.abort() });
      assert.ok(gone.result === 'error' && gone.error === 'canceled');
      assert.equal(numbersOf(await store().instant('sum(load)', NOW)).length, 1);
    });

    test('rules whose series were written heard of it, the others did not', () => {
      assert.deepEqual([...touched], ['reads-load']);
    });

    test('the status says how many series there are', async () => {
      const status = await until(
        'the series are counted',
        async () => {
          const now = await store().status();
          return now.series >= 8 ? now : null;
        },
        PATIENCE,
      );
      assert.deepEqual(status.topNames.find(({ name }) => name === 'load')?.value, 3);
      assert.equal(status.journalProblem, null);
    });
  });
}

async function writeAll(store: SeriesStore): Promise<void> {
  const load = (host: string, value: (i: number) => number): Uint8Array =>
    encodeWriteRequest([{ labels: { __name__: 'load', host }, samples: points(21, value) }]);
  const outcomes = [
    await store.write(encodeSnappy(load('a', (i) => i / 4)), 'snappy', 'suite'),
    await store.write(zstdCompressSync(load('b', (i) => i)), 'zstd', 'suite'),
    await store.write(
      load('é"\\', () => 1.5),
      'none',
      'suite',
    ),
    await store.write(
      encodeSnappy(encodeWriteRequest([{ labels: { __name__: 'requests_total', host: 'a' }, samples: points(21, (i) => 10 * i) }])),
      'snappy',
      'suite',
    ),
    await store.write(
      encodeSnappy(encodeWriteRequest([{ labels: { __name__: 'ended', host: 'a' }, samples: points(4, (i) => (i === 3 ? 'stale' : 1)) }])),
      'snappy',
      'suite',
    ),
    await store.write(encodeSnappy(secondVersion()), 'snappy', 'suite', 2),
    await store.append([{ labels: { __name__: 'own' }, value: 7, at: NOW - 1_000 }]),
    await store.append([{ labels: { __name__: 'last' }, value: 1, at: NOW }]),
  ];
  for (const outcome of outcomes) assert.ok(!('error' in outcome) && outcome.refused.length === 0, JSON.stringify(outcome));
}

/** A remote-write 2.0 request: symbols, then a series with one sample of the value 2. */
function secondVersion(): Uint8Array {
  const symbols = ['', '__name__', 'second_version'].flatMap((text) => [34, text.length, ...Buffer.from(text)]);
  const time: number[] = [];
  let rest = BigInt(NOW);
  for (; rest >= 128n; rest >>= 7n) time.push(Number(rest & 127n) | 128);
  time.push(Number(rest));
  const sample = [9, 0, 0, 0, 0, 0, 0, 0, 64, 16, ...time];
  const series = [10, 2, 1, 2, 18, sample.length, ...sample];
  return Uint8Array.of(...symbols, 42, series.length, ...series);
}

function byHost(answer: QueryAnswer): Record<string, number[]> {
  assert.ok(answer.result === 'vector' || answer.result === 'matrix', JSON.stringify(answer));
  const { labels, ends, values } = answer.series;
  return Object.fromEntries(labels.map((one, i) => [one['host'] ?? '', [...values.subarray(ends[i - 1] ?? 0, ends[i])]]));
}

/** The numbers of an answer, whatever kind it is of. */
function numbersOf(answer: QueryAnswer): number[] {
  assert.ok(answer.result !== 'error' && answer.result !== 'string', JSON.stringify(answer));
  return [...answer.series.values];
}

function sorted(list: readonly Labels[]): readonly Labels[] {
  return [...list].sort((a, b) => (JSON.stringify(Object.entries(a).sort()) < JSON.stringify(Object.entries(b).sort()) ? -1 : 1));
}
