import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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

test('histograms and exemplars are counted', () => {
  const batch = new WriteBatch();
  read([...SYMBOLS, ...field(5, field(1, [1, 2]), field(3, [8, 1]), field(3), field(4))], batch);
  assert.deepEqual([batch.histograms.count, batch.exemplars.count, batch.samples], [2, 1, 0]);
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
  const whole = [...SYMBOLS, ...field(5, field(1, [1, 2, 3, 4]), sample(1.5, 1_700_000_000_000))];
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (place, byte) => {
      read(whole.with(place, byte));
      read(whole.slice(0, place));
    }),
    { numRuns: 2_000 },
  );
});
