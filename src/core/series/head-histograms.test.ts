import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Histogram, NO_BUCKETS } from '../promql/histogram.ts';
import { compileMatcher } from '../promql/matcher.ts';
import { encodeWriteRequest, type WriteSample } from '../wire/encode-write.ts';
import { decodeWriteRequest } from '../wire/remote-write.ts';
import { WriteBatch } from '../wire/write-batch.ts';
import { DEFAULT_RULES, Head } from './head.ts';
import { plainHistogram, someHistogram } from './histogram-arbitrary.test.ts';
import { PartSource } from './part-source.ts';
import { Refusals } from './refusal.ts';

const NOW = 1_700_000_000_000;
const batch = new WriteBatch();
const LABELS = { __name__: 'h' };

function send(head: Head, samples: readonly WriteSample[]): Record<string, unknown> {
  assert.equal(decodeWriteRequest(encodeWriteRequest([{ labels: LABELS, samples }]).slice(), batch), null);
  const refusals = new Refusals();
  const { samples: floats, histograms } = head.apply(batch, { source: 'test', at: NOW, rules: DEFAULT_RULES }, refusals);
  return { floats, histograms, ...Object.fromEntries(refusals.list().map(({ reason, count }) => [reason, count])) };
}

type Plain = readonly [time: number, value: unknown, start: number];

function read(head: Head, from = 0, to = NOW): Plain[] {
  const { value: matcher } = compileMatcher({ name: '__name__', op: '=', value: 'h' });
  assert.ok(matcher !== null);
  const [series] = new PartSource(head).select([matcher], from, to);
  if (series === undefined) return [];
  const { times, values, stale, histograms, startTimes } = series;
  return Array.from(times, (time, i) => {
    const histogram = histograms?.[i] ?? null;
    return [time, stale?.[i] === 1 ? 'stale' : histogram === null ? values[i] : plainHistogram(histogram), startTimes?.[i] ?? 0] as const;
  });
}

function plain({ at, value, start }: WriteSample): Plain {
  return [at, typeof value === 'object' ? plainHistogram(value) : value, start ?? 0];
}

function histogram(count: number, sum = count): Histogram {
  const positive = { index: Int32Array.of(0, 3), count: Float64Array.of(count, 0) };
  return { schema: 0, hint: 'unknown', zeroThreshold: 0, zeroCount: 0, count, sum, positive, negative: NO_BUCKETS, customValues: [] };
}

test('a head answers like a plain list of numbers, histograms and ends, with the start of each', () => {
  const value = fc.oneof(fc.constantFrom(1, 2), fc.constant('stale' as const), someHistogram);
  const start = fc.constantFrom(0, NOW - 9_000, NOW - 8_000);
  const write = fc.array(fc.record({ at: fc.integer({ min: NOW - 60, max: NOW }), value, start }), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 25 }), fc.nat(60), fc.nat(60), (writes, a, b) => {
      const head = new Head(7);
      const model = new Map<number, WriteSample>();
      for (const samples of writes) {
        if (samples.length % 5 === 1) head.freeze();
        send(head, samples);
        // Of one request the numbers come before the histograms.
        const order = [
          ...samples.filter((one) => typeof one.value !== 'object'),
          ...samples.filter((one) => typeof one.value === 'object'),
        ];
        for (const sample of order) if (!model.has(sample.at)) model.set(sample.at, sample);
      }
      const [from, to] = [NOW - Math.max(a, b), NOW - Math.min(a, b)];
      const inside = [...model.values()].filter(({ at }) => at >= from && at <= to).sort((x, y) => x.at - y.at);
      assert.deepEqual(read(head, from, to), inside.map(plain));
    }),
    { numRuns: 400 },
  );
});

test('a time holds one sample: the same histogram again is taken, another one or a number is refused', () => {
  const head = new Head(1);
  assert.deepEqual(send(head, [{ at: NOW, value: histogram(5) }]), { floats: 0, histograms: 1 });
  assert.deepEqual(send(head, [{ at: NOW, value: histogram(5) }]), { floats: 0, histograms: 1 });
  for (const value of [histogram(6), histogram(6, 5), 5]) {
    assert.equal(send(head, [{ at: NOW, value }])['sample-contradicts-another'], 1);
  }
  assert.deepEqual([head.samples, head.duplicates], [2, 1]);
  assert.deepEqual(read(head), [plain({ at: NOW, value: histogram(5) })]);
});

test('late and future histograms are judged as numbers are', () => {
  const head = new Head(1);
  const { lateWindow, futureWindow } = DEFAULT_RULES;
  send(head, [{ at: NOW, value: 1 }]);
  assert.deepEqual(send(head, [{ at: NOW - lateWindow, value: histogram(1) }]), { floats: 0, histograms: 1 });
  assert.equal(send(head, [{ at: NOW - lateWindow - 1, value: histogram(1) }])['sample-too-old'], 1);
  assert.equal(send(head, [{ at: NOW + futureWindow + 1, value: histogram(1) }])['sample-in-the-future'], 1);
});

test('a counter that goes on says so, one that started anew does not', () => {
  const head = new Head(1);
  for (const [i, count] of [5, 6, 2, 3].entries()) send(head, [{ at: NOW - 10 + i, value: histogram(count) }]);
  send(head, [{ at: NOW, value: { ...histogram(9), hint: 'gauge' } }]);
  const { value: matcher } = compileMatcher({ name: '__name__', op: '=', value: 'h' });
  assert.ok(matcher !== null);
  const [series] = new PartSource(head).select([matcher], 0, NOW);
  assert.deepEqual(
    series?.histograms?.map((one) => one?.hint),
    ['unknown', 'not-reset', 'unknown', 'not-reset', 'gauge'],
  );
});

test('series without start times cost nothing for those that have them', () => {
  const head = new Head(1);
  send(head, [{ at: NOW - 1, value: 1 }]);
  const before = head.memoryBytes;
  send(head, [{ at: NOW, value: 2 }]);
  assert.equal(head.memoryBytes, before);
  assert.equal(head.active.hasStarts, false);
});

function hints(head: Head): readonly (string | undefined)[] {
  const { value: matcher } = compileMatcher({ name: '__name__', op: '=', value: 'h' });
  assert.ok(matcher !== null);
  const [series] = new PartSource(head).select([matcher], 0, NOW);
  return series?.histograms?.map((one) => one?.hint) ?? [];
}

test('a histogram continues the one right before it, not one before an end or a number', () => {
  for (const between of ['stale', 7] as const) {
    for (const before of [1, 3, 8, 40]) {
      const head = new Head(1);
      const first = Array.from({ length: before }, (_, i) => ({ at: NOW - 900 + i, value: histogram(i + 1) }));
      send(head, first);
      send(head, [{ at: NOW - 800, value: between }]);
      for (let i = 0; i < 40; i += 1) send(head, [{ at: NOW - 700 + i, value: histogram(50 + i) }]);
      const rest = (size: number): string[] => Array.from({ length: size - 1 }, () => 'not-reset');
      assert.deepEqual(
        hints(head).filter((hint) => hint !== undefined),
        ['unknown', ...rest(before), 'unknown', ...rest(40)],
        `${before} before ${between}`,
      );
    }
  }
});
