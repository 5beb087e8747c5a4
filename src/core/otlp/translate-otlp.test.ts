import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatLabels } from '../base/labels.ts';
import { parseOtlpMetrics } from '../wire/otlp-json.ts';
import { encodeHistogram } from '../wire/prompb-encode.ts';
import { decodeHistogram } from '../wire/prompb-histogram.ts';
import { DeltaSums } from './delta-sums.ts';
import { DEFAULT_OTLP_RULES, type OtlpRules } from './otlp-rules.ts';
import { translateOtlp } from './translate-otlp.ts';

const NOW = 1_700_000_000_000;
const SERVICE = [
  ['service.name', 'shop'],
  ['service.namespace', 'eu'],
  ['service.instance.id', 'i-1'],
] as const;

const attributes = (pairs: readonly (readonly [string, string])[]) => pairs.map(([key, stringValue]) => ({ key, value: { stringValue } }));

interface Given {
  readonly resource?: readonly (readonly [string, string])[];
  readonly deltas?: DeltaSums;
  readonly scope?: object;
  readonly rules?: Partial<OtlpRules>;
}

/** The samples of metrics as OTLP's JSON has them. */
function translate(metrics: readonly object[], { resource = SERVICE, deltas = new DeltaSums(100), scope, rules }: Given = {}) {
  const scopeMetrics = [{ ...scope, metrics }];
  const text = JSON.stringify({ resourceMetrics: [{ resource: { attributes: attributes(resource) }, scopeMetrics }] });
  const { value } = parseOtlpMetrics(text);
  assert.ok(value !== null);
  const { series, refused, exemplars, metadata } = translateOtlp(value, NOW, deltas, { ...DEFAULT_OTLP_RULES, ...rules });
  const samples = series.map(
    ({ labels, samples: [one] }) => [formatLabels(labels).replace(/instance="i-1",job="eu\/shop",?/, ''), one?.value] as const,
  );
  return { samples: Object.fromEntries(samples), refused: Object.fromEntries(refused), exemplars, series, metadata };
}

const at = (offset = 0): { timeUnixNano: string } => ({ timeUnixNano: `${NOW + offset}000000` });

test('gauges and sums get the names and labels that Prometheus gives them', () => {
  const { samples, series } = translate([
    { name: 'cpu.utilization', unit: '1', gauge: { dataPoints: [{ ...at(), asDouble: 0.5, attributes: attributes([['cpu.id', '0']]) }] } },
    { name: 'requests', sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...at(), asInt: '9' }] } },
    { name: 'queue.size', sum: { aggregationTemporality: 2, dataPoints: [{ ...at(), asInt: 3 }] } },
    { name: 'gone', gauge: { dataPoints: [{ ...at(), flags: 1 }] } },
    {
      name: 'same',
      gauge: {
        dataPoints: [
          {
            asDouble: 1,
            attributes: attributes([
              ['b.c', '2'],
              ['b_c', '1'],
              ['b-c', '3'],
            ]),
          },
        ],
      },
    },
  ]);
  assert.deepEqual(samples, {
    'cpu_utilization_ratio{cpu_id="0",}': 0.5,
    'requests_total{}': 9,
    'queue_size{}': 3,
    'gone{}': 'stale',
    'same{b_c="3;2;1",}': 1,
  });
  assert.deepEqual(new Set(series.map(({ samples: [one] }) => one?.at)), new Set([NOW]));
});

test('a point without a value is refused', () => {
  assert.deepEqual(translate([{ name: 'a', gauge: { dataPoints: [at()] } }]).refused, { 'the point has no value': 1 });
});

test('what else the resource says is target_info', () => {
  const metrics = [{ name: 'a', gauge: { dataPoints: [{ ...at(), asDouble: 1 }] } }];
  assert.deepEqual(translate(metrics, { resource: [...SERVICE, ['host.name', 'web-1']] }).samples, {
    'a{}': 1,
    'target_info{host_name="web-1",}': 1,
  });
  assert.deepEqual(translate(metrics, { resource: [['host.name', 'web-1']] }).samples, { a: 1 });
});

const histogram = (temporality: number, point: object): object => ({
  name: 'latency',
  unit: 's',
  histogram: { aggregationTemporality: temporality, dataPoints: [{ ...at(), ...point }] },
});

test('a histogram becomes classic buckets', () => {
  const { samples, exemplars, refused } = translate([
    histogram(2, { count: '6', sum: 7.5, bucketCounts: ['1', '2', '3'], explicitBounds: [0.5, 1], exemplars: [{ asDouble: 1 }] }),
    histogram(2, { count: '6', bucketCounts: ['1', '2'], explicitBounds: [0.5, 1] }),
    histogram(2, { count: '6', bucketCounts: ['1', '2', '3'], explicitBounds: [1, 0.5] }),
    histogram(0, { count: '6' }),
  ]);
  assert.deepEqual(samples, {
    'latency_seconds_bucket{le="0.5"}': 1,
    'latency_seconds_bucket{le="1.0"}': 3,
    'latency_seconds_bucket{le="+Inf"}': 6,
    'latency_seconds_sum{}': 7.5,
    'latency_seconds_count{}': 6,
  });
  assert.equal(exemplars, 1);
  assert.deepEqual(refused, { 'the buckets of a histogram do not fit together': 2, 'the aggregation temporality is not given': 1 });
});

test('a summary becomes quantiles', () => {
  const quantileValues = [
    { quantile: 0.5, value: 1 },
    { quantile: 1, value: 2 },
  ];
  assert.deepEqual(translate([{ name: 's', summary: { dataPoints: [{ ...at(), count: 3, sum: 4, quantileValues }] } }]).samples, {
    's{quantile="0.5"}': 1,
    's{quantile="1.0"}': 2,
    's_sum{}': 4,
    's_count{}': 3,
  });
});

test('delta points are added up, each once, and can be taken back', () => {
  const deltas = new DeltaSums(3);
  const sum = (value: number, offset: number): object => ({
    name: 'n',
    sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...at(offset), asDouble: value }] },
  });
  deltas.begin(NOW);
  assert.deepEqual(translate([sum(5, 0)], { deltas }).samples, { 'n_total{}': 5 });
  deltas.begin(NOW);
  assert.deepEqual(translate([sum(2, 10)], { deltas }).samples, { 'n_total{}': 7 });
  deltas.undo();
  deltas.begin(NOW);
  assert.deepEqual(translate([sum(2, 10)], { deltas }).samples, { 'n_total{}': 7 });
  assert.deepEqual(translate([sum(2, 10)], { deltas }), {
    samples: {},
    refused: { 'not newer than the last point of its series': 1 },
    exemplars: 0,
    series: [],
    metadata: [{ name: 'n_total', type: 'counter', help: '', unit: '' }],
  });
  const other = (name: string): object => ({ name, sum: { aggregationTemporality: 1, dataPoints: [{ ...at(), asDouble: 1 }] } });
  assert.deepEqual(translate([other('a'), other('b'), other('c')], { deltas }).refused, { 'too many delta series': 1 });
  deltas.begin(NOW + 2 * 60 * 60_000);
  assert.equal(deltas.size, 0);
});

test('delta histograms are added up bucket by bucket, also when the bounds change', () => {
  const deltas = new DeltaSums(10);
  translate([histogram(1, { count: 3, sum: 1, bucketCounts: [1, 2], explicitBounds: [1] })], { deltas });
  const more = histogram(1, { count: 4, sum: 10, bucketCounts: [1, 1, 2], explicitBounds: [1, 5], ...at(1) });
  assert.deepEqual(translate([more], { deltas }).samples, {
    'latency_seconds_bucket{le="1.0"}': 2,
    'latency_seconds_bucket{le="5.0"}': 3,
    'latency_seconds_bucket{le="+Inf"}': 7,
    'latency_seconds_sum{}': 11,
    'latency_seconds_count{}': 7,
  });
});

const exponential = (temporality: number, point: object): object => ({
  name: 'size',
  unit: 'By',
  description: 'How large it is.',
  exponentialHistogram: { aggregationTemporality: temporality, dataPoints: [{ ...at(), startTimeUnixNano: '5000000', ...point }] },
});

function nativeOf(given: ReturnType<typeof translate>): unknown {
  const [one] = given.series;
  const value = one?.samples[0]?.value;
  if (typeof value !== 'object') return value ?? given.refused;
  const { schema, count, sum, zeroCount, positive, negative } = value;
  return {
    schema,
    count,
    sum,
    zeroCount,
    positive: [[...positive.index], [...positive.count]],
    negative: [[...negative.index], [...negative.count]],
  };
}

test('an exponential histogram becomes a native one, whose buckets are numbered from one more', () => {
  const point = {
    count: 10,
    sum: 1.5,
    scale: 2,
    zeroCount: 2,
    positive: { offset: -1, bucketCounts: [1, 2, 3, 0, 1] },
    negative: { bucketCounts: [1] },
  };
  const made = translate([exponential(2, point)]);
  const positive = [
    [0, 1, 2, 4],
    [1, 2, 3, 1],
  ];
  assert.deepEqual(nativeOf(made), { schema: 2, count: 10, sum: 1.5, zeroCount: 2, positive, negative: [[1], [1]] });
  assert.deepEqual([made.series[0]?.labels['__name__'], made.series[0]?.samples[0]?.start], ['size_bytes', 5]);
  const fine = { count: 3, scale: 10, positive: { offset: 3, bucketCounts: [1, 1, 1] } };
  assert.deepEqual(nativeOf(translate([exponential(2, fine)])), {
    schema: 8,
    count: 3,
    sum: 0,
    zeroCount: 0,
    positive: [
      [1, 2],
      [1, 2],
    ],
    negative: [[], []],
  });
  assert.equal(nativeOf(translate([exponential(2, { ...point, flags: 1 })])), 'stale');
  for (const scale of [-5, 21, 0.5]) {
    assert.deepEqual(nativeOf(translate([exponential(2, { ...point, scale })])), { 'the scale of a histogram is not supported': 1 });
  }
});

test('delta points of an exponential histogram are added up, also when the scale changes', () => {
  const deltas = new DeltaSums(10);
  translate([exponential(1, { count: 3, sum: 1, scale: 1, positive: { offset: 0, bucketCounts: [1, 1, 1] } })], { deltas });
  const more = exponential(1, { count: 2, sum: 10, scale: 0, zeroCount: 1, positive: { offset: 1, bucketCounts: [1] }, ...at(1) });
  // At scale 1 the buckets end at 2^0.5, 2^1 and 2^1.5, at scale 0 at 2^1 and 2^2.
  assert.deepEqual(nativeOf(translate([more], { deltas })), {
    schema: 0,
    count: 5,
    sum: 11,
    zeroCount: 1,
    positive: [
      [1, 2],
      [2, 2],
    ],
    negative: [[], []],
  });
});

test('whatever the scale, no observation is lost, and the store takes it', () => {
  const side = fc.record({ offset: fc.integer({ min: -2_000, max: 2_000 }), bucketCounts: fc.array(fc.nat(5), { maxLength: 200 }) });
  fc.assert(
    fc.property(
      fc.integer({ min: -4, max: 20 }),
      fc.tuple(side, side),
      fc.nat(9),
      fc.boolean(),
      (scale, [positive, negative], zeroCount, isDelta) => {
        const count = [...positive.bucketCounts, ...negative.bucketCounts].reduce((sum, each) => sum + each, zeroCount);
        const { series } = translate([exponential(isDelta ? 1 : 2, { count, sum: 1, scale, zeroCount, positive, negative })], {
          resource: [],
        });
        const value = series[0]?.samples[0]?.value;
        assert.ok(typeof value === 'object');
        const bytes = encodeHistogram(value, NOW);
        assert.ok(typeof decodeHistogram(bytes, 0, bytes.length) !== 'string');
      },
    ),
  );
});

test('exemplars go to the series, or bucket, that counts them; with the trace and what the point does not say', () => {
  const exemplar = (value: number, extra: object = {}): object => ({
    asDouble: value,
    traceId: 'AB12',
    spanId: '0'.repeat(16),
    ...at(-5),
    ...extra,
  });
  const { series } = translate([
    {
      name: 'n',
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [{ ...at(), startTimeUnixNano: '7000000', asInt: 1, exemplars: [exemplar(3)] }],
      },
    },
    histogram(2, {
      count: 3,
      bucketCounts: [1, 2],
      explicitBounds: [1],
      exemplars: [exemplar(0.5, { filteredAttributes: attributes([['a.b', 'c']]) }), exemplar(1), exemplar(9)],
    }),
    exponential(2, {
      count: 1,
      positive: { bucketCounts: [1] },
      exemplars: [exemplar(2, { filteredAttributes: attributes([['long', 'x'.repeat(200)]]) })],
    }),
  ]);
  const found = series.flatMap(({ labels, exemplars = [] }) =>
    exemplars.map((one) => [labels['__name__'], labels['le'], one.value, one.at - NOW, one.labels]),
  );
  assert.deepEqual(found, [
    ['n_total', undefined, 3, -5, { trace_id: 'ab12' }],
    ['latency_seconds_bucket', '1.0', 0.5, -5, { a_b: 'c', trace_id: 'ab12' }],
    ['latency_seconds_bucket', '1.0', 1, -5, { trace_id: 'ab12' }],
    ['latency_seconds_bucket', '+Inf', 9, -5, { trace_id: 'ab12' }],
    ['size_bytes', undefined, 2, -5, { trace_id: 'ab12' }],
  ]);
  assert.equal(series[0]?.samples[0]?.start, 7);
});

test('what the metrics are is said', () => {
  assert.deepEqual(translate([exponential(2, { count: 0 })]).metadata, [
    { name: 'size_bytes', type: 'histogram', help: 'How large it is.', unit: 'By' },
  ]);
});

const GAUGE = {
  name: 'cpu.use',
  unit: '1',
  gauge: { dataPoints: [{ ...at(), asDouble: 1, attributes: attributes([['zone', 'point']]) }] },
};
const HOST = [...SERVICE, ['host.name', 'h1'], ['zone', 'resource']] as const;

test('attributes of the resource become labels where that is wanted; what the point says counts more', () => {
  const names = (rules: Partial<OtlpRules>): string[] => Object.keys(translate([GAUGE], { resource: HOST, rules }).samples);
  assert.deepEqual(names({}), ['cpu_use_ratio{zone="point"}', 'target_info{host_name="h1",zone="resource"}']);
  assert.equal(names({ promoted: ['host.name', 'nothing'] })[0], 'cpu_use_ratio{host_name="h1",zone="point"}');
  assert.equal(
    names({ promoted: 'all', ignored: ['host.name'] })[0],
    'cpu_use_ratio{service_instance_id="i-1",service_name="shop",service_namespace="eu",zone="point"}',
  );
  assert.match(names({ isIdentityKept: true })[1] ?? '', /^target_info\{host_name="h1",service_instance_id="i-1",service_name="shop"/);
});

test('series say which library measured them where that is wanted', () => {
  const scope = { scope: { name: 'lib', version: '2', attributes: attributes([['a.b', 'c']]) }, schemaUrl: 'http://s' };
  const [plain] = Object.keys(translate([GAUGE], { scope }).samples);
  assert.equal(plain, 'cpu_use_ratio{zone="point"}');
  const [named] = Object.keys(translate([GAUGE], { scope, rules: { isScopePromoted: true } }).samples);
  assert.equal(
    named,
    'cpu_use_ratio{otel_scope_a_b="c",otel_scope_name="lib",otel_scope_schema_url="http://s",otel_scope_version="2",zone="point"}',
  );
});

test('names stay as they are where that is wanted', () => {
  const { samples } = translate([GAUGE], { resource: HOST, rules: { strategy: 'NoTranslation', promoted: ['host.name'] } });
  assert.equal(Object.keys(samples)[0], 'cpu.use{host.name="h1",zone="point"}');
});
