import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Labels, labelsKey } from '../base/labels.ts';
import { HOUR, MINUTE } from '../base/time.ts';
import { compileMatcher, type CompiledMatcher, type Matcher, matchesLabels } from '../promql/matcher.ts';
import { encodeWriteRequest, type WriteSeries } from '../wire/encode-write.ts';
import { decodeWriteRequest } from '../wire/remote-write.ts';
import { WriteBatch } from '../wire/write-batch.ts';
import { Head, type HeadRules, DEFAULT_RULES } from './head.ts';
import { PartSource } from './part-source.ts';
import { type Refusal, Refusals } from './refusal.ts';

const NOW = 1_700_000_000_000;
const batch = new WriteBatch();

function send(head: Head, series: readonly WriteSeries[], rules: HeadRules = DEFAULT_RULES, at = NOW): Record<string, number> {
  assert.equal(decodeWriteRequest(encodeWriteRequest(series).slice(), batch), null);
  const refusals = new Refusals();
  const applied = head.apply(batch, { source: 'test', at, rules }, refusals);
  return { ...applied, ...Object.fromEntries(refusals.list().map(({ reason, count }) => [reason, count])) };
}

function matcher(name: string, op: Matcher['op'], value: string): CompiledMatcher {
  const { value: compiled } = compileMatcher({ name, op, value });
  assert.ok(compiled !== null);
  return compiled;
}

type Plain = Record<string, (readonly [number, number | 'stale'])[]>;

function read(head: Head, matchers: readonly CompiledMatcher[], from = -Infinity, to = Infinity): Plain {
  const selected = new PartSource(head).select(matchers, from, to);
  return Object.fromEntries(
    Array.from(selected, ({ labels, times, values, stale }) => [
      labelsKey(labels),
      Array.from(times, (time, i) => [time, stale?.[i] === 1 ? 'stale' : (values[i] ?? 0)] as const),
    ]),
  );
}

const ANY = [matcher('__name__', '=~', '.+')];

test('samples come out as they went in, over open and sealed chunks', () => {
  const head = new Head(1);
  const labels = { __name__: 'up', job: 'node' };
  const samples = Array.from({ length: 1_000 }, (_, i) => ({
    at: NOW - HOUR + i * 1_000,
    value: i % 7 === 3 ? ('stale' as const) : i / 4,
  }));
  for (const sample of samples) send(head, [{ labels, samples: [sample] }]);
  assert.deepEqual(
    read(head, ANY)[labelsKey(labels)],
    samples.map(({ at, value }) => [at, value]),
  );
  assert.equal(read(head, ANY, NOW - HOUR + 10_000, NOW - HOUR + 20_000)[labelsKey(labels)]?.length, 11);
  assert.deepEqual(read(head, ANY, NOW + 1, NOW + 2), {});
});

test('the same sample twice is stored once; another value at its time is refused', () => {
  const head = new Head(1);
  const series = (value: number): WriteSeries[] => [{ labels: { __name__: 'up' }, samples: [{ at: NOW, value }] }];
  assert.deepEqual(send(head, series(1)), { samples: 1, series: 1 });
  assert.deepEqual(send(head, series(1)), { samples: 1, series: 0 });
  assert.deepEqual(send(head, series(2)), { samples: 0, series: 0, 'sample-contradicts-another': 1 });
  assert.deepEqual(Object.values(read(head, ANY)), [[[NOW, 1]]]);
});

test('late samples are taken within the window, older ones and those from the future are not', () => {
  const head = new Head(1);
  const at = (time: number): WriteSeries[] => [{ labels: { __name__: 'up' }, samples: [{ at: time, value: 1 }] }];
  send(head, at(NOW));
  assert.deepEqual(send(head, at(NOW - HOUR)), { samples: 1, series: 0 });
  assert.deepEqual(send(head, at(NOW - HOUR - 1)), { samples: 0, series: 0, 'sample-too-old': 1 });
  assert.deepEqual(send(head, at(NOW + 10 * MINUTE)), { samples: 1, series: 0 });
  assert.deepEqual(send(head, at(NOW + 10 * MINUTE + 1)), { samples: 0, series: 0, 'sample-in-the-future': 1 });
  assert.equal(Object.values(read(head, ANY))[0]?.length, 3);
});

test('a series that was away may deliver what it kept, however old, up to the retention', () => {
  const head = new Head(1);
  const rules = { ...DEFAULT_RULES, retention: 24 * HOUR };
  const at = (name: string, time: number): WriteSeries[] => [{ labels: { __name__: name }, samples: [{ at: time, value: 1 }] }];
  send(head, at('live', NOW), rules);
  assert.deepEqual(send(head, at('away', NOW - 23 * HOUR), rules), { samples: 1, series: 1 });
  assert.deepEqual(send(head, at('away', NOW - 25 * HOUR), rules), { samples: 0, series: 0, 'sample-too-old': 1 });
});

test('limits refuse new series, never known ones, and say which limit it was', () => {
  const limits = { series: 3, seriesPerSource: 100, labels: 3, nameBytes: 20, valueBytes: 20 };
  const rules = { ...DEFAULT_RULES, limits };
  const head = new Head(1);
  const one = (labels: Labels): WriteSeries => ({ labels, samples: [{ at: NOW, value: 1 }] });
  const cases: [Labels, Refusal][] = [
    [{ job: 'x' }, 'metric-name-missing'],
    [{ __name__: 'a', b: '1', c: '2', d: '3' }, 'too-many-labels'],
    [{ __name__: 'a', ['n'.repeat(21)]: '1' }, 'label-name-too-long'],
    [{ __name__: 'v'.repeat(21) }, 'label-value-too-long'],
  ];
  for (const [labels, reason] of cases) assert.deepEqual(send(head, [one(labels)], rules), { samples: 0, series: 0, [reason]: 1 });
  const known = ['a', 'b', 'c'].map((name) => one({ __name__: name }));
  assert.deepEqual(send(head, known, rules), { samples: 3, series: 3 });
  assert.deepEqual(send(head, [...known, one({ __name__: 'd' })], rules), { samples: 3, series: 0, 'series-limit': 1 });
  const narrow = { ...rules, limits: { ...limits, series: 100, seriesPerSource: 3 } };
  assert.deepEqual(send(head, [one({ __name__: 'e' }), ...known], narrow), { samples: 3, series: 0, 'series-limit-of-source': 1 });
});

test('label sets that are spelled differently are one series; a name twice is none', () => {
  const head = new Head(1);
  const text = (value: string): number[] => [value.length, ...Buffer.from(value)];
  const label = (name: string, value: string): number[] => [10, 4 + name.length + value.length, 10, ...text(name), 18, ...text(value)];
  const body = (labels: number[], time: number): Uint8Array => {
    const series = [...labels, 18, 2, 16, time];
    return Uint8Array.from([10, series.length, ...series]);
  };
  const apply = (bytes: Uint8Array): object => {
    assert.equal(decodeWriteRequest(bytes, batch), null);
    const refusals = new Refusals();
    const applied = head.apply(batch, { source: 's', at: 0, rules: DEFAULT_RULES }, refusals);
    return { ...applied, refused: refusals.list().map(({ reason }) => reason) };
  };
  const name = label('__name__', 'up');
  for (let round = 0; round < 2; round += 1) {
    apply(body([...name, ...label('job', 'a')], 1 + round * 10));
    apply(body([...label('job', 'a'), ...name], 2 + round * 10));
    apply(body([...label('job', 'a'), ...label('empty', ''), ...name], 3 + round * 10));
  }
  assert.equal(head.table.count, 1);
  assert.deepEqual(Object.values(read(head, ANY)), [[1, 2, 3, 11, 12, 13].map((time) => [time, 0])]);
  assert.deepEqual(apply(body([...name, ...name], 1)), { samples: 0, series: 0, refused: ['labels-malformed'] });
  assert.deepEqual(apply(body([...name, 10, 9, 10, 1, 97, 18, 4, 0xff, 0xfe, 98, 99], 1)), {
    samples: 0,
    series: 0,
    refused: ['labels-not-utf8'],
  });
});

const someLabels = fc.record(
  { __name__: fc.constantFrom('up', 'cpu', 'mem'), job: fc.constantFrom('a', 'b', 'ü'), host: fc.constantFrom('h1', 'h2', 'h3', 'h10') },
  { requiredKeys: ['__name__'] },
);
const someMatcher = fc
  .record({
    name: fc.constantFrom('__name__', 'job', 'host', 'nobody'),
    op: fc.constantFrom('=' as const, '!=' as const, '=~' as const, '!~' as const),
    value: fc.constantFrom('', 'up', 'a', 'ü', 'h1', 'h.*', 'a|b', '.*', '.+', 'h1.?', 'x'),
  })
  .map(({ name, op, value }) => matcher(name, op, value));

test('a head answers like a plain list of samples, whatever the order of the writes', () => {
  const write = fc.array(
    fc.record({ labels: someLabels, at: fc.integer({ min: NOW - 200, max: NOW }), value: fc.constantFrom(1, 2, 'stale' as const) }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(
      fc.array(write, { maxLength: 30 }),
      fc.array(someMatcher, { minLength: 1, maxLength: 3 }),
      fc.nat(200),
      fc.nat(200),
      (writes, matchers, a, b) => {
        const head = new Head(7);
        const model = new Map<string, { readonly labels: Labels; readonly samples: Map<number, number | 'stale'> }>();
        for (const samples of writes) {
          if (samples.length % 5 === 1) head.freeze();
          send(
            head,
            samples.map(({ labels, at, value }) => ({ labels: labels as Labels, samples: [{ at, value }] })),
          );
          for (const { labels, at, value } of samples) {
            const key = labelsKey(labels as Labels);
            const one = model.get(key) ?? { labels: labels as Labels, samples: new Map() };
            model.set(key, one);
            if (!one.samples.has(at)) one.samples.set(at, value);
          }
        }
        const [from, to] = [NOW - Math.max(a, b), NOW - Math.min(a, b)];
        const expected: Plain = {};
        for (const [key, { labels, samples }] of model) {
          const inside = [...samples].filter(([at]) => at >= from && at <= to).sort((x, y) => x[0] - y[0]);
          if (inside.length > 0 && matchesLabels(matchers, labels)) expected[key] = inside;
        }
        assert.deepEqual(read(head, matchers, from, to), expected);
      },
    ),
    { numRuns: 300 },
  );
});

test('a selector that was asked before finds series that appeared since', () => {
  const head = new Head(1);
  const source = new PartSource(head);
  const jobs = [matcher('job', '=', 'a')];
  for (let i = 0; i < 300; i += 1) {
    send(head, [{ labels: { __name__: `m${i}`, job: i % 2 === 0 ? 'a' : 'b' }, samples: [{ at: NOW, value: i }] }]);
    if (i % 10 === 0) assert.equal([...source.select(jobs, 0, NOW)].length, Math.floor(i / 2) + 1);
  }
  assert.deepEqual(head.table.index.labelNames(), ['__name__', 'job']);
  assert.deepEqual(head.table.index.labelValues('job'), ['a', 'b']);
});

test('what is left out for instants makes no difference to who looks at them', () => {
  const head = new Head(1);
  const source = new PartSource(head);
  const times = [0, 3, 4, 9, 10, 11, 25, 26, 40, 41, 59];
  for (const at of times) send(head, [{ labels: { __name__: 'up' }, samples: [{ at: NOW + at, value: at }] }]);
  fc.assert(
    fc.property(fc.integer({ min: -5, max: 70 }), fc.integer({ min: 0, max: 30 }), (start, step) => {
      const instants = Array.from({ length: step === 0 ? 1 : 5 }, (_, k) => NOW + start + k * step);
      const to = instants.at(-1) ?? NOW;
      const hints = { step, func: '', range: 0, instants: { start: NOW + start, step } };
      const kept = [...(source.select(ANY, NOW, to, hints).next().value?.times ?? [])];
      const lastBefore = (list: readonly number[], instant: number): number | undefined => list.filter((at) => at <= instant).at(-1);
      const whole = times.map((at) => NOW + at).filter((at) => at <= to);
      for (const instant of instants) assert.equal(lastBefore(kept, instant), lastBefore(whole, instant));
      assert.ok(kept.length <= instants.length);
    }),
    { numRuns: 500 },
  );
});
