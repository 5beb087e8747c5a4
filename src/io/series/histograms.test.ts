import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { DAY, HOUR, MINUTE } from '../../core/base/time.ts';
import { compileMatcher } from '../../core/promql/matcher.ts';
import { DEFAULT_RULES } from '../../core/series/head.ts';
import { plainHistogram, someHistogram } from '../../core/series/histogram-arbitrary.test.ts';
import { unpackHistograms } from '../../core/series/histogram-codec.ts';
import { findExemplars } from '../../core/series/find-exemplars.ts';
import { encodeMetadata, encodeWriteRequest, type WriteSample } from '../../core/wire/encode-write.ts';
import { damageOf } from './damage.ts';
import { openEmbeddedSeries } from './embedded.ts';
import { SeriesEngine } from './engine.ts';
import { DEFAULT_KEEPING } from './keeper.ts';

const NOON = 1_700_000_000_000 - (1_700_000_000_000 % DAY) + 12 * HOUR;
const root = mkdtempSync(join(tmpdir(), 'tocsin-histograms-'));
after(() => rmSync(root, { recursive: true, force: true }));

const UP = [{ name: '__name__', op: '=', value: 'm' }] as const;

function open(folder: string): SeriesEngine {
  const keeping = { ...DEFAULT_KEEPING, flushEvery: MINUTE };
  return new SeriesEngine({
    folder,
    rules: DEFAULT_RULES,
    bodyLimitBytes: 1 << 24,
    decodedLimitBytes: 1 << 25,
    segmentBytes: 1 << 20,
    minFreeBytes: 0,
    keeping,
  });
}

type Plain = readonly [time: number, value: unknown, start: number];

function plain({ at, value, start }: WriteSample): Plain {
  return [at, typeof value === 'object' ? plainHistogram(value) : value, start ?? 0];
}

function dump(engine: SeriesEngine): Record<string, Plain[]> {
  const { value: any } = compileMatcher(UP[0]);
  assert.ok(any !== null);
  return Object.fromEntries(
    Array.from(engine.source.select([any], 0, 2 * NOON), ({ labels, times, values, stale, histograms, startTimes }) => {
      const value = (i: number): unknown => {
        const histogram = histograms?.[i] ?? null;
        return stale?.[i] === 1 ? 'stale' : histogram === null ? values[i] : plainHistogram(histogram);
      };
      return [labels['i'] ?? '', Array.from(times, (time, i) => [time, value(i), startTimes?.[i] ?? 0] as const)];
    }),
  );
}

test('numbers, histograms, ends and starts survive flushes, merges, kills and restarts', async () => {
  const value = fc.oneof(fc.constantFrom(1, 2), fc.constant('stale' as const), someHistogram, someHistogram);
  const sample = fc.record({
    at: fc.integer({ min: 0, max: 90 }),
    value,
    start: fc.constantFrom(0, NOON - DAY, NOON - 2 * DAY),
    series: fc.nat(2),
  });
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.array(sample, { minLength: 1, maxLength: 40 }) },
    fc.constantFrom('flush' as const, 'keep' as const, 'restart' as const, 'kill' as const),
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const folder = join(root, `run-${(run += 1)}`);
      let engine = open(folder);
      const model: Record<string, Map<number, WriteSample>> = {};
      let now = NOON;
      for (const one of steps) {
        if (one === 'flush') await engine.keeper.flushAll();
        else if (one === 'keep') await engine.keeper.keep((now += 2 * MINUTE));
        else if (one !== 'restart' && one !== 'kill') {
          for (const { series, at, ...rest } of one) {
            // Within the late window, and over midnight.
            const written = { ...rest, at: NOON + 12 * HOUR - 45_000 + at * 1_000 };
            const body = encodeWriteRequest([{ labels: { __name__: 'm', i: String(series) }, samples: [written] }]);
            engine.write({ body, encoding: 'none', source: 'test', protocol: 1, at: NOON + 12 * HOUR });
            const known = (model[series] ??= new Map());
            if (!known.has(written.at)) known.set(written.at, written);
          }
        } else {
          // A process that is killed closes nothing.
          if (one === 'restart') await engine.close();
          engine = open(folder);
        }
      }
      const expected = Object.entries(model).map(([i, samples]) => [i, [...samples.values()].sort((a, b) => a.at - b.at).map(plain)]);
      assert.deepEqual(dump(engine), Object.fromEntries(expected));
      assert.equal(engine.keeper.problem, null);
      await engine.close();
    }),
    { numRuns: 60 },
  );
});

test('of two samples at one time in two blocks the one that was stored first counts, however far back the later block reaches', async () => {
  const engine = open(join(root, 'first'));
  const write = (at: number, value: number): void => {
    const body = encodeWriteRequest([{ labels: { __name__: 'm', i: '0' }, samples: [{ at, value }] }]);
    engine.write({ body, encoding: 'none', source: 'test', protocol: 1, at: NOON });
  };
  write(NOON, 1);
  await engine.keeper.flushAll();
  write(NOON, 2);
  write(NOON - MINUTE, 3);
  await engine.keeper.flushAll();
  const expected = [
    [NOON - MINUTE, 3, 0],
    [NOON, 1, 0],
  ];
  assert.deepEqual(dump(engine)['0'], expected);
  await engine.keeper.keep(NOON + DAY * 2);
  assert.equal(engine.keeper.blocks.blocks.length, 1);
  assert.deepEqual(dump(engine)['0'], expected);
  await engine.close();
});

test('blocks of one day with histograms are merged into one', async () => {
  const engine = open(join(root, 'merge'));
  const count = 400;
  for (let i = 0; i < count; i += 1) {
    const positive = { index: Int32Array.of(1, 2), count: Float64Array.of(i, 2) };
    const value = {
      schema: 0,
      hint: 'unknown',
      zeroThreshold: 0,
      zeroCount: 0,
      count: i + 2,
      sum: i / 3,
      positive,
      negative: { index: new Int32Array(0), count: new Float64Array(0) },
      customValues: [],
    } as const;
    const body = encodeWriteRequest([{ labels: { __name__: 'm', i: '0' }, samples: [{ at: NOON + i * 1_000, value, start: NOON }] }]);
    engine.write({ body, encoding: 'none', source: 'test', protocol: 1, at: NOON + i * 1_000 });
    if (i % 90 === 89) await engine.keeper.flushAll();
  }
  const before = dump(engine);
  assert.equal(before['0']?.length, count);
  assert.equal(engine.keeper.blocks.blocks.length, 4);
  await engine.keeper.keep(NOON + DAY * 2);
  assert.equal(engine.keeper.merges, 1);
  assert.deepEqual(dump(engine), before);
  await engine.close();
});

test('both threads query histograms, and stored samples carry them', async () => {
  const store = await openEmbeddedSeries({ folder: join(root, 'threads'), now: () => NOON });
  try {
    const positive = { index: Int32Array.of(0), count: Float64Array.of(4) };
    const value = {
      schema: 0,
      hint: 'unknown',
      zeroThreshold: 0,
      zeroCount: 0,
      count: 4,
      sum: 6,
      positive,
      negative: { index: new Int32Array(0), count: new Float64Array(0) },
      customValues: [],
    } as const;
    const series = Array.from({ length: 600 }, (_, i) => ({
      labels: { __name__: 'm', i: String(i) },
      samples: Array.from({ length: 400 }, (_each, k) => ({
        at: NOON - (400 - k) * 1_000,
        value: k % 100 === 0 ? value : k,
        start: NOON - DAY,
      })),
    }));
    const outcome = await store.write(encodeWriteRequest(series), 'none', 'test');
    assert.deepEqual(outcome, { samples: 600 * 396, histograms: 600 * 4, series: 600, refused: [] });
    // 240 000 samples are too many for the series thread.
    const long = await store.instant('sum(histogram_count(first_over_time(m[401s])))', NOON);
    assert.ok(long.result === 'vector', JSON.stringify(long));
    assert.deepEqual([...long.series.values], [600 * 4]);
    const counted = await store.instant('sum(histogram_count(m offset 100s)) + count(start_timestamp(m{i="3"}))', NOON);
    assert.ok(counted.result === 'vector', JSON.stringify(counted));
    assert.deepEqual([...counted.series.values], [600 * 4 + 1]);
    const stored = await store.samples({
      selectors: [[...UP, { name: 'i', op: '=', value: '7' }]],
      from: 0,
      to: NOON,
      which: 'all',
      sampleLimit: 1e6,
    });
    assert.ok(!('error' in stored) && stored.histograms instanceof Uint8Array);
    assert.equal(unpackHistograms(stored.histograms).length, 4);
    assert.equal(stored.stale.filter((kind) => kind === 2).length, 4);
  } finally {
    await store.close();
  }
});

test('exemplars and what is said of metrics survive flushes, kills and restarts', async () => {
  const folder = join(root, 'extras');
  const exemplar = (i: number) => ({ labels: { trace_id: String(i) }, value: i, at: NOON + i });
  const body = (i: number): Uint8Array =>
    Buffer.concat([
      encodeWriteRequest([{ labels: { __name__: 'm', i: '0' }, samples: [{ at: NOON + i, value: i }], exemplars: [exemplar(i)] }]),
      encodeMetadata([{ name: `m${i % 2}`, type: 'counter', help: 'Seen.', unit: '' }]),
    ]);
  let engine = open(folder);
  for (let i = 0; i < 30; i += 1) {
    const outcome = engine.write({ body: new Uint8Array(body(i)), encoding: 'none', source: 'test', protocol: 1, at: NOON });
    assert.deepEqual(outcome, { samples: 1, series: i === 0 ? 1 : 0, exemplars: 1, refused: [] });
    if (i === 10) await engine.keeper.flushAll();
    if (i === 20) engine = open(folder);
  }
  const { value: m } = compileMatcher(UP[0]);
  assert.ok(m !== null);
  const found = (): unknown =>
    findExemplars(engine.head, engine.source.selectors, { sets: [[m]], from: NOON, to: NOON + 99 }).map(({ labels, exemplars }) => [
      labels,
      exemplars.map(({ value }) => value),
    ]);
  const expected = [[{ __name__: 'm', i: '0' }, Array.from({ length: 30 }, (_, i) => i)]];
  assert.deepEqual(found(), expected);
  engine = open(folder);
  assert.deepEqual(found(), expected);
  assert.deepEqual([...engine.head.catalogue.all.keys()].sort(), ['m0', 'm1']);
  await engine.keeper.flushAll();
  writeFileSync(join(folder, 'extras.bin'), 'damaged');
  engine = open(folder);
  assert.deepEqual([found(), dump(engine)['0']?.length], [[], 30]);
  assert.deepEqual(
    damageOf(engine).map(({ where }) => where),
    ['extras.bin'],
  );
  await engine.close();
});
