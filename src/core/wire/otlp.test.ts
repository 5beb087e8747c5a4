import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { double, fixed64, inner, message, text, varint, zigzag } from '../../../test/doors/proto.ts';
import { encodeOtlpAnswer, formatOtlpAnswer } from './otlp-answer.ts';
import { parseOtlpMetrics } from './otlp-json.ts';
import { decodeOtlpMetrics } from './otlp-proto.ts';

const AT = 1_700_000_000_123_456_789n;
const attribute = (field: number, key: string, value: Uint8Array): Uint8Array => inner(field, message(text(1, key), inner(2, value)));
const packedFixed = (values: readonly number[]): Uint8Array => {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), index * 8);
  return bytes;
};
const packedDoubles = (values: readonly number[]): Uint8Array => {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeDoubleLE(value, index * 8);
  return bytes;
};
const times = [fixed64(2, 1_000_000_000n), fixed64(3, AT)];
const exemplar = message(
  attribute(7, 'user', text(1, 'u')),
  fixed64(2, AT),
  fixed64(6, -2),
  inner(4, Buffer.alloc(8)),
  inner(5, Buffer.from('00000000000000000000000000abcdef', 'hex')),
);
const sumPoint = message(...times, fixed64(6, -5), varint(8, 1), attribute(7, 'n', varint(3, -7)), inner(5, exemplar));
const gaugePoint = message(
  ...times,
  double(4, 0.25),
  attribute(7, 'list', inner(5, message(inner(1, varint(2, 1)), inner(1, text(1, 'x'))))),
);
const histogramPoint = message(
  ...times,
  fixed64(4, 3),
  double(5, 1.5),
  inner(6, packedFixed([1, 2])),
  inner(7, packedDoubles([0.5])),
  attribute(9, 'bytes', inner(7, Buffer.from([255, 0]))),
);
const exponentialPoint = message(
  ...times,
  fixed64(4, 6),
  zigzag(6, -1),
  fixed64(7, 1),
  double(14, 0.125),
  inner(8, message(zigzag(1, -3), inner(2, Buffer.from([1, 2])))),
  inner(9, message(zigzag(1, 2), inner(2, Buffer.from([2])))),
  attribute(1, 'd', double(4, 0.5)),
);
const summaryPoint = message(
  ...times,
  fixed64(4, 2),
  double(5, 3),
  inner(6, message(double(1, 0.5), double(2, 1))),
  attribute(7, 'b', varint(2, 1)),
);
const metric = (name: string, field: number, point: Uint8Array, ...more: readonly Uint8Array[]): Uint8Array =>
  inner(2, message(text(1, name), text(2, 'About it.'), text(3, 's'), inner(field, message(inner(1, point), ...more))));
const BYTES = inner(
  1,
  message(
    inner(1, message(attribute(1, 'service.name', text(1, 'shop')))),
    inner(
      2,
      message(
        inner(1, text(1, 'scope')),
        metric('sum', 7, sumPoint, varint(2, 1), varint(3, 1)),
        metric('gauge', 5, gaugePoint),
        metric('hist', 9, histogramPoint, varint(2, 2)),
        metric('exp', 10, exponentialPoint, varint(2, 2)),
        metric('summary', 11, summaryPoint),
      ),
    ),
  ),
);
const when = { startTimeUnixNano: '1000000000', timeUnixNano: String(AT) };
const attributesOf = (key: string, value: object): object => ({ attributes: [{ key, value }] });
const EXEMPLAR = {
  filteredAttributes: [{ key: 'user', value: { stringValue: 'u' } }],
  timeUnixNano: String(AT),
  asInt: '-2',
  spanId: '0000000000000000',
  traceId: '00000000000000000000000000ABCDEF',
};
const JSON_TEXT = JSON.stringify({
  resourceMetrics: [
    {
      resource: attributesOf('service.name', { stringValue: 'shop' }),
      scopeMetrics: [
        {
          scope: { name: 'scope' },
          metrics: [
            {
              name: 'sum',
              description: 'About it.',
              unit: 's',
              sum: {
                aggregationTemporality: 1,
                isMonotonic: true,
                dataPoints: [{ ...when, asInt: '-5', flags: 1, exemplars: [EXEMPLAR], ...attributesOf('n', { intValue: '-7' }) }],
              },
            },
            {
              name: 'gauge',
              description: 'About it.',
              unit: 's',
              gauge: {
                dataPoints: [
                  {
                    ...when,
                    asDouble: 0.25,
                    ...attributesOf('list', { arrayValue: { values: [{ boolValue: true }, { stringValue: 'x' }] } }),
                  },
                ],
              },
            },
            {
              name: 'hist',
              description: 'About it.',
              unit: 's',
              histogram: {
                aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE',
                dataPoints: [
                  {
                    ...when,
                    count: '3',
                    sum: 1.5,
                    bucketCounts: ['1', '2'],
                    explicitBounds: [0.5],
                    ...attributesOf('bytes', { bytesValue: '/wA=' }),
                  },
                ],
              },
            },
            {
              name: 'exp',
              description: 'About it.',
              unit: 's',
              exponentialHistogram: {
                aggregationTemporality: 2,
                dataPoints: [
                  {
                    ...when,
                    count: 6,
                    scale: -1,
                    zeroCount: 1,
                    zeroThreshold: 0.125,
                    positive: { offset: -3, bucketCounts: ['1', 2] },
                    negative: { offset: 2, bucketCounts: [2] },
                    ...attributesOf('d', { doubleValue: 0.5 }),
                  },
                ],
              },
            },
            {
              name: 'summary',
              description: 'About it.',
              unit: 's',
              summary: {
                dataPoints: [
                  { ...when, count: 2, sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }], ...attributesOf('b', { boolValue: true }) },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
});

test('protobuf and JSON say the same', () => {
  const { value } = decodeOtlpMetrics(BYTES);
  assert.deepEqual(parseOtlpMetrics(JSON_TEXT).value, value);
  const [resource] = value?.resources ?? [];
  assert.deepEqual(resource?.attributes, [['service.name', 'shop']]);
  assert.deepEqual(
    resource?.metrics.map(({ name, temporality, isMonotonic, data }) => [name, temporality, isMonotonic, data.kind]),
    [
      ['sum', 'delta', true, 'sum'],
      ['gauge', 'unspecified', false, 'gauge'],
      ['hist', 'cumulative', false, 'histogram'],
      ['exp', 'cumulative', false, 'exponential'],
      ['summary', 'unspecified', false, 'summary'],
    ],
  );
  const point = { start: 1_000, at: 1_700_000_000_123, isEnd: false, exemplars: [] };
  const seen = { attributes: [['user', 'u']], at: 1_700_000_000_123, value: -2, traceId: '00000000000000000000000000abcdef', spanId: '' };
  assert.deepEqual(
    resource?.metrics.map(({ data }) => (data.kind === 'none' ? [] : data.points[0])),
    [
      { ...point, isEnd: true, exemplars: [seen], value: -5, attributes: [['n', '-7']] },
      { ...point, value: 0.25, attributes: [['list', '[true,"x"]']] },
      { ...point, count: 3, sum: 1.5, counts: [1, 2], bounds: [0.5], attributes: [['bytes', '/wA=']] },
      {
        ...point,
        count: 6,
        sum: null,
        scale: -1,
        zeroCount: 1,
        zeroThreshold: 0.125,
        positive: { offset: -3, counts: [1, 2] },
        negative: { offset: 2, counts: [2] },
        attributes: [['d', '0.5']],
      },
      { ...point, count: 2, sum: 3, quantiles: [[0.5, 1]], attributes: [['b', 'true']] },
    ],
  );
});

test('whatever the bytes are, they are read or refused', () => {
  assert.deepEqual(decodeOtlpMetrics(new Uint8Array(0)).value, { resources: [] });
  assert.match(decodeOtlpMetrics(BYTES.subarray(0, BYTES.length - 1)).problems[0]?.message ?? '', /malformed/);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void decodeOtlpMetrics(bytes)),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(fc.nat(BYTES.length - 1), fc.nat(255), (at, byte) => {
      const broken = Uint8Array.from(BYTES);
      broken[at] = byte;
      decodeOtlpMetrics(broken);
    }),
    { numRuns: 3_000 },
  );
  let deep: Uint8Array = text(1, 'x');
  for (let i = 0; i < 1_000; i += 1) deep = inner(5, inner(1, deep));
  const nested = inner(1, inner(1, attribute(1, 'k', deep)));
  assert.deepEqual(decodeOtlpMetrics(nested).problems, []);
});

test('whatever the JSON is, it is read or refused', () => {
  assert.match(parseOtlpMetrics('{').problems[0]?.message ?? '', /not JSON/);
  assert.match(parseOtlpMetrics('[]').problems[0]?.message ?? '', /expected an object/);
  const key = fc.constantFrom(
    'resourceMetrics',
    'resource',
    'attributes',
    'scopeMetrics',
    'metrics',
    'sum',
    'dataPoints',
    'asInt',
    'value',
    'key',
    'flags',
    'timeUnixNano',
    'arrayValue',
    'values',
  );
  const { tree } = fc.letrec<{ tree: unknown; map: unknown; list: unknown }>((tie) => ({
    tree: fc.oneof({ depthSize: 'medium' }, fc.constantFrom(null, 1, '5', 'x', true, -1e300), tie('map'), tie('list')),
    map: fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
    list: fc.array(tie('tree'), { maxLength: 3 }),
  }));
  fc.assert(
    fc.property(tree, (value) => void parseOtlpMetrics(JSON.stringify({ resourceMetrics: [value] }))),
    { numRuns: 2_000 },
  );
});

test('answers', () => {
  assert.equal(encodeOtlpAnswer({ rejected: 0, message: '' }).length, 0);
  assert.deepEqual(encodeOtlpAnswer({ rejected: 300, message: 'no' }), Uint8Array.from(inner(1, message(varint(1, 300), text(2, 'no')))));
  assert.equal(formatOtlpAnswer({ rejected: 0, message: '' }), '{}');
  assert.equal(formatOtlpAnswer({ rejected: 2, message: 'no' }), '{"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"no"}}');
});
