import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeLabels, encodeWriteRequest, type WriteSeries } from './encode-write.ts';
import { encodeExemplar, encodeHistogram, encodeStarted } from './prompb-encode.ts';
import { decodeHistogram } from './prompb-histogram.ts';
import { decodeWriteRequest } from './remote-write.ts';
import { WriteBatch } from './write-batch.ts';
import { REQUEST_LIMIT } from './write-reader.ts';

interface Read {
  readonly labels: string;
  readonly samples: readonly (readonly [number, number | 'stale'])[];
}

function read(bytes: Uint8Array): Read[] | string {
  const batch = new WriteBatch();
  const problem = decodeWriteRequest(bytes, batch);
  if (problem !== null) return problem;
  return Array.from({ length: batch.series }, (_, s) => ({
    labels: Buffer.from(batch.bytes.subarray(batch.labelsFrom[s], batch.labelsTo[s])).toString('hex'),
    samples: samplesOf(batch, s),
  }));
}

function samplesOf({ samplesTo, times, values, stale }: WriteBatch, series: number): (readonly [number, number | 'stale'])[] {
  const from = series === 0 ? 0 : (samplesTo[series - 1] ?? 0);
  return Array.from({ length: (samplesTo[series] ?? 0) - from }, (_, i) => [
    times[from + i] ?? 0,
    stale[from + i] === 1 ? 'stale' : (values[from + i] ?? 0),
  ]);
}

function hexLabels(labels: Readonly<Record<string, string>>): string {
  return Buffer.from(encodeLabels(labels)).toString('hex');
}

const label = fc.string({ minLength: 1, maxLength: 12 });
const requests: fc.Arbitrary<WriteSeries[]> = fc.array(
  fc.record({
    labels: fc.dictionary(label, label, { minKeys: 1, maxKeys: 6 }),
    samples: fc.array(
      fc.record({
        at: fc.oneof(fc.integer({ min: 0, max: 2 ** 45 }), fc.integer()),
        value: fc.oneof(fc.double(), fc.constant('stale' as const)),
      }),
      { maxLength: 5 },
    ),
  }),
  { maxLength: 20 },
);

test('what is encoded is decoded: labels as bytes, times, values and staleness', () => {
  fc.assert(
    fc.property(requests, (series) => {
      const expected = series.map(({ labels, samples }) => ({
        labels: hexLabels(labels),
        samples: samples.map(({ at, value }) => [at, value]),
      }));
      assert.deepEqual(read(encodeWriteRequest(series)), expected);
    }),
    { numRuns: 500 },
  );
});

test('the staleness marker is told from an ordinary NaN', () => {
  const [series] = read(
    encodeWriteRequest([
      {
        labels: { a: 'b' },
        samples: [
          { at: 1, value: 'stale' },
          { at: 2, value: Number.NaN },
        ],
      },
    ]),
  ) as Read[];
  assert.deepEqual(series?.samples, [
    [1, 'stale'],
    [2, Number.NaN],
  ]);
});

/** A length-delimited field. */
function field(number: number, ...content: (readonly number[])[]): number[] {
  const body = content.flat();
  return [(number << 3) | 2, body.length, ...body];
}
const text = (value: string): number[] => [...Buffer.from(value)];
const labelOf = (name: string, value: string): number[] => field(1, field(1, text(name)), field(2, text(value)));

test('fields in any order, unknown fields, exemplars and metadata are no obstacle', () => {
  const sample = field(2, [9, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f], [16, 5], [32, 9]);
  const body = [
    ...field(3, [8, 1]),
    ...field(1, labelOf('a', 'b'), sample, field(3, [9, 0, 0, 0, 0, 0, 0, 0, 0]), labelOf('c', 'd'), [72, 1], [0x55, 1, 2, 3, 4]),
    ...field(1, sample),
  ];
  assert.deepEqual(read(Uint8Array.from(body)), [
    { labels: hexLabels({ a: 'b', c: 'd' }), samples: [[5, 1]] },
    { labels: '', samples: [[5, 1]] },
  ]);
});

test('a sample without a value or a time has zeros there, as protobuf leaves them out', () => {
  assert.deepEqual(read(Uint8Array.from(field(1, labelOf('a', 'b'), field(2), field(2, [16, 3])))), [
    {
      labels: hexLabels({ a: 'b' }),
      samples: [
        [0, 0],
        [3, 0],
      ],
    },
  ]);
});

test('a small body cannot claim more series or samples than the limit', () => {
  const body = new Uint8Array((REQUEST_LIMIT + 2) * 2);
  for (let i = 0; i < body.length; i += 2) body[i] = 10;
  assert.match(String(read(body)), /too many/);
  for (const tag of [26, 34]) {
    for (let i = 0; i < body.length; i += 2) body[i] = tag;
    assert.match(String(read(new Uint8Array(Buffer.concat([Uint8Array.of(10, 0x84, 0x80, 0x80, 1), body])))), /too many/);
  }
});

test('random and damaged bytes are a value, never a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      read(bytes);
    }),
    { numRuns: 5_000 },
  );
  fc.assert(
    fc.property(requests, fc.nat(), fc.nat(255), (series, place, byte) => {
      const body = encodeWriteRequest(series).slice();
      if (body.length > 0) body[place % body.length] = byte;
      read(body);
      read(encodeWriteRequest(series).slice(0, place % (body.length + 1)));
    }),
    { numRuns: 1_000 },
  );
});

test('fields of a series may stand in any order', () => {
  const field = (tag: number, message: Uint8Array): Uint8Array => Uint8Array.of(tag, message.length, ...message);
  const lengthPrefix = (length: number): Uint8Array =>
    length < 128 ? Uint8Array.of(10, length) : Uint8Array.of(10, (length % 128) | 128, length >> 7);
  const empty = { index: new Int32Array(0), count: new Float64Array(0) };
  const histogram = (count: number): Uint8Array =>
    field(
      34,
      encodeHistogram(
        {
          schema: 0,
          hint: 'unknown',
          zeroThreshold: 0,
          zeroCount: count,
          count,
          sum: 0,
          positive: empty,
          negative: empty,
          customValues: [],
        },
        count,
      ),
    );
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.constantFrom('label', 'sample', 'histogram', 'exemplar'), { maxLength: 12 }), { maxLength: 4 }),
      (all) => {
        const expected: unknown[] = [];
        const series = all.map((kinds) => {
          const labels = Object.fromEntries(kinds.filter((kind) => kind === 'label').map((_, i) => [`l${i}`, 'v']));
          const pieces = Object.keys(labels).map((name) => encodeLabels({ [name]: 'v' }));
          const numbers = kinds.map((_, i) => i + 1);
          const at = (wanted: string): number[] => numbers.filter((_, i) => kinds[i] === wanted);
          expected.push([hexLabels(labels), at('sample'), at('histogram'), at('exemplar')]);
          const fields = kinds.map((kind, i) => {
            if (kind === 'label') return pieces.shift() ?? new Uint8Array(0);
            if (kind === 'sample') return field(18, encodeStarted(i + 1, i + 1, i % 2));
            return kind === 'histogram' ? histogram(i + 1) : field(26, encodeExemplar(new Uint8Array(0), i + 1, i + 1));
          });
          const message = new Uint8Array(Buffer.concat(fields));
          return Buffer.concat([lengthPrefix(message.length), message]);
        });
        const batch = new WriteBatch();
        assert.equal(decodeWriteRequest(new Uint8Array(Buffer.concat(series)), batch), null);
        const rangesOf = ({ count, series: of, from, to }: WriteBatch['histograms'], s: number): (readonly [number, number])[] =>
          Array.from({ length: count }, (_, i) => i)
            .filter((i) => of[i] === s)
            .map((i) => [from[i] ?? 0, to[i] ?? 0] as const);
        const found = all.map((_, s) => [
          Buffer.from(batch.bytes.subarray(batch.labelsFrom[s], batch.labelsTo[s])).toString('hex'),
          samplesOf(batch, s).map(([time, value]) => (assert.equal(time, value), time)),
          rangesOf(batch.histograms, s).map(([from, to]) => {
            const sample = decodeHistogram(batch.body, from, to);
            return typeof sample === 'string' ? sample : sample.time;
          }),
          rangesOf(batch.exemplars, s).map(([, to]) => batch.bytes[to - 1]),
        ]);
        assert.deepEqual(found, expected);
        for (let i = 0; i < batch.samples; i += 1) assert.equal(batch.starts?.[i] ?? 0, ((batch.times[i] ?? 0) - 1) % 2);
      },
    ),
    { numRuns: 500 },
  );
});
