import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CUSTOM_SCHEMA } from '../promql/histogram.ts';
import { plainHistogram, someHistogram } from '../series/histogram-arbitrary.test.ts';
import { decodeHistogram } from './prompb-histogram.ts';
import { encodeHistogram } from './prompb-encode.ts';
import { ProtoOutput } from './proto-output.ts';

const AT = 1_700_000_000_000;

function decode(bytes: Uint8Array): ReturnType<typeof decodeHistogram> {
  return decodeHistogram(bytes, 0, bytes.length);
}

function message(fill: (out: ProtoOutput) => void): Uint8Array {
  const out = new ProtoOutput();
  fill(out);
  return out.finish();
}

const span = (field: number, offset: number, length: number) => (out: ProtoOutput) =>
  out.message(field, (inner) => {
    inner.int(1, offset < 0 ? -offset * 2 - 1 : offset * 2);
    inner.int(2, length);
  });
const packed =
  (field: number, ...numbers: number[]) =>
  (out: ProtoOutput) =>
    out.message(field, (inner) => numbers.forEach((number) => inner.varint(number < 0 ? -number * 2 - 1 : number * 2)));
const count = (value: number) => (out: ProtoOutput) => out.number(1, 2, true, value);
const all =
  (...parts: readonly ((out: ProtoOutput) => void)[]) =>
  (out: ProtoOutput): void =>
    parts.forEach((part) => part(out));

test('a histogram comes out as it went in', () => {
  fc.assert(
    fc.property(someHistogram, fc.integer(), fc.nat(), (histogram, at, start) => {
      const sample = decode(encodeHistogram(histogram, at, start));
      assert.ok(typeof sample !== 'string' && sample.value !== 'stale');
      assert.deepEqual([sample.time, sample.start, sample.value.hint], [at, start, histogram.hint]);
      assert.deepEqual(plainHistogram(sample.value), plainHistogram(histogram));
    }),
    { numRuns: 1_000 },
  );
});

test('a sum with the bits of the staleness marker ends the series; any other that is no number is a sum', () => {
  const stale = new Uint8Array(8);
  new DataView(stale.buffer).setBigUint64(0, 0x7ff0000000000002n, true);
  const bytes = Uint8Array.of(25, ...stale, 120, 5);
  assert.deepEqual(decode(bytes), { time: 5, start: 0, value: 'stale' });
  const sample = decode(message(all(count(1), (out) => out.double(3, Number.NaN), span(11, 0, 1), packed(12, 0))));
  assert.ok(typeof sample !== 'string' && sample.value !== 'stale');
  assert.deepEqual([sample.value.count, sample.value.sum], [1, Number.NaN]);
});

test('what contradicts itself is refused with the reason', () => {
  const cases: readonly (readonly [string, (out: ProtoOutput) => void])[] = [
    ['histogram-counts-inconsistent', count(1)],
    ['histogram-counts-inconsistent', all(count(3), span(11, 0, 2), packed(12, 2, 0))],
    ['histogram-counts-inconsistent', all(count(1), span(11, 0, 2), packed(12, 2, -3))],
    ['histogram-spans-malformed', all(count(2), span(11, 0, 3), packed(12, 1, 0))],
    ['histogram-spans-malformed', all(count(2), span(11, 0, 1), span(11, -1, 1), packed(12, 1, 0))],
    ['histogram-spans-malformed', all(count(1), span(8, 0, 2 ** 31 - 1), packed(9, 1))],
    ['histogram-spans-malformed', all(count(1), span(11, 2 ** 31 - 1, 1), packed(12, 1))],
    ['histogram-schema-unknown', all(count(0), (out) => out.int(4, 9))],
    ['histogram-schema-unknown', all(count(0), (out) => out.int(4, 106))],
    ['histogram-malformed', (out) => out.raw(Uint8Array.of(25, 1))],
  ];
  for (const [reason, fill] of cases) assert.equal(decode(message(fill)), reason);
  const custom = (bounds: readonly number[], ...parts: readonly ((out: ProtoOutput) => void)[]): string => {
    const sample = decode(
      message(
        all(
          (out) => out.int(4, -CUSTOM_SCHEMA * 2 - 1),
          (out) => out.message(16, (inner) => bounds.forEach((bound) => inner.rawDouble(bound))),
          ...parts,
        ),
      ),
    );
    return typeof sample === 'string' ? sample : 'taken';
  };
  assert.equal(custom([1, 2], count(1), span(11, 2, 1), packed(12, 1)), 'taken');
  assert.equal(custom([1, 2], count(1), span(11, 3, 1), packed(12, 1)), 'histogram-bounds-malformed');
  assert.equal(custom([1, 2], count(1), span(8, 0, 1), packed(9, 1)), 'histogram-bounds-malformed');
  assert.equal(custom([2, 1], count(0)), 'histogram-bounds-malformed');
  assert.equal(custom([1, Number.POSITIVE_INFINITY], count(0)), 'histogram-bounds-malformed');
});

test('finer buckets than are stored are joined', () => {
  const sample = decode(message(all(count(3), (out) => out.int(4, 18), span(11, 1, 2), packed(12, 1, 1))));
  assert.ok(typeof sample !== 'string' && sample.value !== 'stale');
  assert.deepEqual([sample.value.schema, [...sample.value.positive.index], [...sample.value.positive.count]], [8, [1], [3]]);
});

test('random and damaged bytes are a value, never a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      decode(bytes);
    }),
    { numRuns: 3_000 },
  );
  fc.assert(
    fc.property(someHistogram, fc.nat(), fc.nat(255), (histogram, place, byte) => {
      const bytes = encodeHistogram(histogram, AT);
      decode(bytes.with(place % bytes.length, byte));
      decode(bytes.slice(0, place % bytes.length));
    }),
    { numRuns: 3_000 },
  );
});
