import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Histogram } from '../../core/promql/histogram.ts';
import { decodeHistogram } from '../../core/wire/prompb-histogram.ts';
import { ProtoCursor } from '../../core/wire/proto-cursor.ts';
import { decodeSnappy, encodeSnappy } from '../../core/wire/snappy.ts';
import { type ApiFixture, NOW, openApi } from './api-fixture.test.ts';

const NONE = { index: new Int32Array(0), count: new Float64Array(0) };
const histogram: Histogram = {
  schema: 0,
  hint: 'unknown',
  zeroThreshold: 0,
  zeroCount: 0,
  count: 5,
  sum: 7.5,
  positive: { index: Int32Array.of(0, 1), count: Float64Array.of(2, 3) },
  negative: NONE,
  customValues: [],
};
let api: ApiFixture;

before(async () => {
  const exemplar = (id: string, value: number, ago: number) => ({ labels: { trace_id: id }, value, at: NOW - ago });
  api = await openApi(
    [
      { labels: { __name__: 'latency', host: 'b' }, samples: [{ at: NOW, value: histogram }], exemplars: [exemplar('b1', 0.5, 1_500)] },
      {
        labels: { __name__: 'latency', host: 'a' },
        samples: [{ at: NOW - 1_000, value: histogram }],
        exemplars: [exemplar('a1', 1e21, 60_000), exemplar('a2', Number.NaN, 0)],
      },
      { labels: { __name__: 'other' }, samples: [{ at: NOW, value: 1 }], exemplars: [exemplar('o', 1, 0)] },
    ],
    {},
    [
      { name: 'latency', type: 'histogram', help: 'How long it takes.', unit: 'seconds' },
      { name: 'latency', type: 'gauge', help: '', unit: '' },
    ],
  );
});
after(() => api.close());

test('exemplars are found by the selectors of an expression, within the time range', async () => {
  const ask = async (form: Readonly<Record<string, string>>): Promise<unknown> => {
    const answer = await api.post('/api/v1/query_exemplars', form);
    return answer.statusCode === 200 ? answer.json().data : answer.statusCode;
  };
  const at = (ago: number): number => (NOW - ago) / 1_000;
  const a = (...exemplars: unknown[]): unknown => ({ seriesLabels: { __name__: 'latency', host: 'a' }, exemplars });
  const b = {
    seriesLabels: { __name__: 'latency', host: 'b' },
    exemplars: [{ labels: { trace_id: 'b1' }, value: '0.5', timestamp: at(1_500) }],
  };
  const first = { labels: { trace_id: 'a1' }, value: '1e+21', timestamp: at(60_000) };
  const second = { labels: { trace_id: 'a2' }, value: 'NaN', timestamp: at(0) };
  assert.deepEqual(await ask({ query: 'histogram_quantile(0.9, sum(rate(latency[5m])))' }), [a(first, second), b]);
  assert.deepEqual(await ask({ query: 'latency', start: String(at(59_000)), end: String(at(0)) }), [a(second), b]);
  assert.deepEqual(await ask({ query: 'latency{host="a"} / latency{host="x"}', end: String(at(60_000)) }), [a(first)]);
  assert.equal(await ask({ query: '1' }), 204);
});

test('what senders said of a metric is told', async () => {
  const metadata = async (query: string): Promise<unknown> => (await api.get(`/api/v1/metadata${query}`)).json().data;
  const said = [
    { type: 'histogram', help: 'How long it takes.', unit: 'seconds' },
    { type: 'gauge', help: '', unit: '' },
  ];
  assert.deepEqual(await metadata(''), { latency: said });
  assert.deepEqual(await metadata('?metric=latency&limit_per_metric=1'), { latency: said.slice(0, 1) });
  assert.deepEqual(await metadata('?metric=other'), {});
});

test('native histograms are queried, and read by remote read', async () => {
  const answer = await api.get(`/api/v1/query?query=${encodeURIComponent('latency{host="b"}')}&time=${NOW / 1_000}`);
  const buckets = [
    [0, '0.5', '1', '2'],
    [0, '1', '2', '3'],
  ];
  assert.deepEqual(answer.json().data.result, [
    { metric: { __name__: 'latency', host: 'b' }, histogram: [NOW / 1_000, { count: '5', sum: '7.5', buckets }] },
  ]);
  const text = (value: string): number[] => [value.length, ...Buffer.from(value)];
  const matcher = [18, ...text('__name__'), 26, ...text('latency')];
  const query = [26, matcher.length, ...matcher, 16, 128, 128, 128, 128, 128, 128, 128, 64];
  const read = await api.send('/api/v1/read', encodeSnappy(Uint8Array.of(10, query.length, ...query)), {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
  });
  assert.equal(read.statusCode, 200, read.body);
  const bytes = decodeSnappy(read.rawPayload, 1 << 20);
  assert.ok(bytes instanceof Uint8Array);
  const times: number[] = [];
  const response = ProtoCursor.over(bytes);
  assert.ok(response.next());
  const result = response.message();
  while (result.next()) {
    const series = result.message();
    while (series.next()) {
      const message = series.blob();
      if (series.tag !== 34) continue;
      const sample = decodeHistogram(message, 0, message.length);
      assert.ok(typeof sample !== 'string' && sample.value !== 'stale');
      assert.deepEqual([sample.value.count, sample.value.sum, [...sample.value.positive.count]], [5, 7.5, [2, 3]]);
      times.push(NOW - sample.time);
    }
  }
  assert.deepEqual(times, [1_000, 0]);
});
