import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileMatcher } from '../promql/matcher.ts';
import { DEFAULT_RULES, Head } from '../series/head.ts';
import { PartSource } from '../series/part-source.ts';
import { Refusals } from '../series/refusal.ts';
import { encodeLabels } from './encode-write.ts';
import { decodeWriteRequest2 } from './remote-write-2.ts';
import { WriteBatch } from './write-batch.ts';

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}
function field(number: number, ...content: (readonly number[])[]): number[] {
  const body = content.flat();
  return [...varint((number << 3) | 2), ...varint(body.length), ...body];
}
const double = (value: number): number[] => [...new Uint8Array(Float64Array.of(value).buffer)];
const symbol = (text: string): number[] => field(4, [...Buffer.from(text)]);
const sample = (value: number, at: number): number[] => field(2, [9, ...double(value)], [16, ...varint(at)], [24, ...varint(at - 1)]);

interface Read {
  readonly labels: string;
  readonly samples: readonly (readonly [number, number])[];
}

function read(bytes: readonly number[], batch = new WriteBatch()): Read[] | string {
  const problem = decodeWriteRequest2(Uint8Array.from(bytes), batch);
  if (problem !== null) return problem;
  return Array.from({ length: batch.series }, (_, s) => {
    const from = s === 0 ? 0 : (batch.samplesTo[s - 1] ?? 0);
    return {
      labels: Buffer.from(batch.bytes.subarray(batch.labelsFrom[s], batch.labelsTo[s])).toString('hex'),
      samples: Array.from(
        { length: (batch.samplesTo[s] ?? 0) - from },
        (_sample, i) => [batch.times[from + i] ?? 0, batch.values[from + i] ?? 0] as const,
      ),
    };
  });
}

const hex = (labels: Readonly<Record<string, string>>): string => Buffer.from(encodeLabels(labels)).toString('hex');
const SYMBOLS = ['', '__name__', 'up', 'job', 'v'.repeat(300)].flatMap(symbol);

test('labels are put together from the symbols, wherever those stand and however the references are packed', () => {
  const series = [
    ...field(5, field(1, [1, 2, 3, 4]), sample(1.5, 1_700_000_000_000), sample(2, 1_700_000_000_001), field(5, [8, 1])),
    ...field(5, sample(3, 7), [8, 1], [8, 2], [48, 5]),
  ];
  const expected = [
    {
      labels: hex({ __name__: 'up', job: 'v'.repeat(300) }),
      samples: [
        [1_700_000_000_000, 1.5],
        [1_700_000_000_001, 2],
      ],
    },
    { labels: hex({ __name__: 'up' }), samples: [[7, 3]] },
  ];
  assert.deepEqual(read([...SYMBOLS, ...series]), expected);
  assert.deepEqual(read([...series, ...SYMBOLS]), expected);
});

test('start times, exemplars and metadata are those of the series that has them', () => {
  const batch = new WriteBatch();
  const symbols = [...SYMBOLS, ...['trace_id', 'abc', 'Is it up?', 'seconds'].flatMap(symbol)];
  const exemplar = field(4, [16, 9], field(1, [5, 6]), [17, ...double(2.5)], [24, 7]);
  const described = field(5, [8, 2], [24, 7], [32, 8]);
  const bare = (value: number, at: number): number[] => field(2, [9, ...double(value)], [16, ...varint(at)]);
  const body = [
    ...symbols,
    ...field(5, field(1, [1, 2]), bare(1, 10)),
    ...field(5, field(1, [1, 2, 3, 4]), sample(1, 10), exemplar, described),
  ];
  assert.equal(decodeWriteRequest2(Uint8Array.from(body), batch), null);
  assert.deepEqual([...(batch.starts ?? [])].slice(0, 2), [0, 9]);
  const head = new Head(1);
  head.apply(batch, { source: '', at: 10, rules: DEFAULT_RULES }, new Refusals());
  assert.deepEqual(head.exemplars.of(1, 0, 10), [{ labels: { trace_id: 'abc' }, value: 2.5, time: 7 }]);
  assert.deepEqual([...head.catalogue.all], [['up', [{ type: 'gauge', help: 'Is it up?', unit: 'seconds' }]]]);
});

test('a created timestamp of a series, as drafts of the protocol had it, is the start of its samples and histograms', () => {
  const batch = new WriteBatch();
  const histogram = field(3, [8, 0], [120, 11]);
  read([...SYMBOLS, ...field(5, field(1, [1, 2]), field(2, [9, ...double(1)], [16, 10]), histogram, [48, 4])], batch);
  const head = new Head(1);
  head.apply(batch, { source: '', at: 10, rules: DEFAULT_RULES }, new Refusals());
  const up = compileMatcher({ name: '__name__', op: '=', value: 'up' }).value;
  assert.ok(up !== null);
  assert.deepEqual([...(new PartSource(head).select([up], 0, 20).next().value?.startTimes ?? [])], [4, 4]);
});

test('references to nothing, odd ones, bodies of the older version and endless labels are refused', () => {
  assert.match(String(read([...SYMBOLS, ...field(5, field(1, [1, 9]))])), /malformed/);
  assert.deepEqual(read([...SYMBOLS, ...field(5, field(1, [1]), sample(1, 1))]), [{ labels: '', samples: [[1, 1]] }]);
  assert.match(String(read(field(1, field(1, field(1, [97]), field(2, [98]))))), /malformed/);
  const long = [...symbol(''), ...symbol('x'.repeat(60_000))];
  assert.deepEqual(read([...long, ...field(5, field(1, [1, 1, 1, 1]))]), [{ labels: '', samples: [] }]);
  const many = Array.from({ length: 6_000 }, () => field(5, field(1, [0, 1]))).flat();
  assert.match(String(read([...long, ...many])), /too long/);
});

test('random and damaged bytes are a value, never a throw', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(255), { maxLength: 200 }), (bytes) => {
      read([...SYMBOLS, ...bytes]);
    }),
    { numRuns: 3_000 },
  );
  const sides = [...field(3, [8, 0], [120, 11]), ...field(4, field(1, [1, 2]), [24, 7]), ...field(5, [8, 2], [24, 1])];
  const whole = [...SYMBOLS, ...field(5, field(1, [1, 2, 3, 4]), sample(1.5, 1_700_000_000_000), sides)];
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (place, byte) => {
      const batch = new WriteBatch();
      const head = new Head(1);
      if (typeof read(whole.with(place, byte), batch) !== 'string')
        head.apply(batch, { source: '', at: 10, rules: DEFAULT_RULES }, new Refusals());
      read(whole.slice(0, place));
    }),
    { numRuns: 2_000 },
  );
});
