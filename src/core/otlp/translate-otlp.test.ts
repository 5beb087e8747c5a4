import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatLabels } from '../base/labels.ts';
import { parseOtlpMetrics } from '../wire/otlp-json.ts';
import { exponentialBuckets } from './classic-buckets.ts';
import { DeltaSums } from './delta-sums.ts';
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
}

/** The samples of metrics as OTLP's JSON has them. */
function translate(metrics: readonly object[], { resource = SERVICE, deltas = new DeltaSums(100) }: Given = {}) {
  const text = JSON.stringify({ resourceMetrics: [{ resource: { attributes: attributes(resource) }, scopeMetrics: [{ metrics }] }] });
  const { value } = parseOtlpMetrics(text);
  assert.ok(value !== null);
  const { series, refused, exemplars } = translateOtlp(value, NOW, deltas);
  const samples = series.map(
    ({ labels, samples: [one] }) => [formatLabels(labels).replace(/instance="i-1",job="eu\/shop",?/, ''), one?.value] as const,
  );
  return { samples: Object.fromEntries(samples), refused: Object.fromEntries(refused), exemplars, series };
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

test('an exponential histogram becomes buckets between powers of the square root of two', () => {
  const point = { attributes: [], start: 0, at: 1, isEnd: false, exemplars: 0, count: 10, sum: 1, scale: 2, zeroCount: 2 };
  const made = exponentialBuckets({ ...point, positive: { offset: -1, counts: [1, 2, 3, 0, 1] }, negative: { offset: 0, counts: [1] } });
  // At scale 2 the positive buckets end at 2^0, 2^(1/4) ... 2^1; two of them together end where one of scale 1 does.
  assert.deepEqual(made?.bounds, [-1, 0, 1, 2 ** 0.5, 2, Number.POSITIVE_INFINITY]);
  assert.deepEqual(made?.cumulative, [1, 3, 4, 9, 10, 10]);
  assert.equal(exponentialBuckets({ ...point, scale: 99, positive: { offset: 0, counts: [] }, negative: { offset: 0, counts: [] } }), null);
});

test('classic buckets of an exponential histogram are in order, not too many, and lose no value', () => {
  const side = fc.record({ offset: fc.integer({ min: -2_000, max: 2_000 }), counts: fc.array(fc.nat(5), { maxLength: 200 }) });
  fc.assert(
    fc.property(fc.integer({ min: -11, max: 20 }), side, side, fc.nat(9), (scale, positive, negative, zeroCount) => {
      const all = [...positive.counts, ...negative.counts].reduce((sum, each) => sum + each, zeroCount);
      const made = exponentialBuckets({
        attributes: [],
        start: 0,
        at: 1,
        isEnd: false,
        exemplars: 0,
        count: all,
        sum: 0,
        scale,
        zeroCount,
        positive,
        negative,
      });
      assert.ok(made !== null && made.bounds.length <= 2 * 64 + 2 && made.bounds.length === made.cumulative.length);
      for (let i = 1; i < made.bounds.length; i += 1) {
        assert.ok((made.bounds[i] ?? 0) > (made.bounds[i - 1] ?? 0), String(made.bounds));
        assert.ok((made.cumulative[i] ?? 0) >= (made.cumulative[i - 1] ?? 0));
      }
      assert.equal(made.cumulative.at(-1), all);
    }),
  );
});
