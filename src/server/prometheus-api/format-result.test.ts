import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NO_BUCKETS, type Histogram } from '../../core/promql/histogram.ts';
import { formatAnswer, formatNumber, formatSeconds, type Answered } from './format-result.ts';
import { durationParam, limitParam, parseLabelName, timeParam } from './params.ts';
import type { QueryValue } from './series-part.ts';

const parse = (value: QueryValue, limit = 0, more: Partial<Answered> = {}) =>
  JSON.parse(Buffer.concat([...formatAnswer({ value, warnings: [], infos: [], cost: null, ...more }, { limit, stats: null })]).toString());

const columns = {
  labels: [{ __name__: 'up', b: 'é"\\\n', a: '1' }, {}],
  starts: Uint32Array.of(0, 3, 4),
  times: Float64Array.of(1435781451781, 1435781452000, 1435781453007, 1435781451781),
  values: Float64Array.of(1, 0.1, Number.NaN, Number.POSITIVE_INFINITY),
};

describe('results as Prometheus writes them', () => {
  test('a matrix, with labels in order and values as texts', () => {
    assert.deepEqual(parse({ resultType: 'matrix', columns }), {
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { __name__: 'up', a: '1', b: 'é"\\\n' },
            values: [
              [1435781451.781, '1'],
              [1435781452, '0.1'],
              [1435781453.007, 'NaN'],
            ],
          },
          { metric: {}, values: [[1435781451.781, '+Inf']] },
        ],
      },
    });
  });

  test('a vector, a scalar and a text', () => {
    const vector = {
      ...columns,
      starts: Uint32Array.of(0, 1, 2),
      times: columns.times.subarray(0, 2),
      values: columns.values.subarray(0, 2),
    };
    assert.deepEqual(parse({ resultType: 'vector', columns: vector }).data.result[1], { metric: {}, value: [1435781452, '0.1'] });
    assert.deepEqual(parse({ resultType: 'scalar', time: 4000, value: 2 }).data, { resultType: 'scalar', result: [4, '2'] });
    assert.deepEqual(parse({ resultType: 'string', time: 4000, value: 'a"b' }).data, { resultType: 'string', result: [4, 'a"b'] });
  });

  test('a limit cuts the series and says so', () => {
    const cut = parse({ resultType: 'matrix', columns }, 1, { warnings: ['careful'], infos: ['fyi'] });
    assert.equal(cut.data.result.length, 1);
    assert.deepEqual([cut.warnings, cut.infos], [['careful', 'results truncated due to limit'], ['fyi']]);
    assert.equal(parse({ resultType: 'matrix', columns }, 2).warnings, undefined);
  });

  test('histograms stand beside the numbers', () => {
    const histogram: Histogram = {
      schema: 0,
      hint: 'unknown',
      zeroThreshold: 0.001,
      zeroCount: 2,
      count: 10,
      sum: 3.5,
      positive: { index: Int32Array.of(0, 1), count: Float64Array.of(1, 3) },
      negative: { index: Int32Array.of(1), count: Float64Array.of(4) },
      customValues: [],
    };
    const mixed = { ...columns, histograms: [null, histogram, null, null] };
    const [first] = parse({ resultType: 'matrix', columns: mixed }).data.result;
    assert.deepEqual(first.values, [
      [1435781451.781, '1'],
      [1435781453.007, 'NaN'],
    ]);
    assert.deepEqual(first.histograms, [
      [
        1435781452,
        {
          count: '10',
          sum: '3.5',
          buckets: [
            [1, '-2', '-1', '4'],
            [3, '-0.001', '0.001', '2'],
            [0, '0.5', '1', '1'],
            [0, '1', '2', '3'],
          ],
        },
      ],
    ]);
    const alone = { labels: [{}], starts: Uint32Array.of(0, 1), times: Float64Array.of(1000), values: Float64Array.of(0) };
    const empty = { ...histogram, positive: NO_BUCKETS, negative: NO_BUCKETS, zeroCount: 0, count: 0, sum: 0 };
    const [only] = parse({ resultType: 'matrix', columns: { ...alone, histograms: [empty] } }).data.result;
    assert.deepEqual(only, { metric: {}, histograms: [[1, { count: '0', sum: '0' }]] });
  });

  test('a large result comes in pieces that together are the text', () => {
    const series = 300;
    const points = 400;
    const large = {
      labels: Array.from({ length: series }, (_, index) => ({ i: String(index) })),
      starts: Uint32Array.from({ length: series + 1 }, (_, index) => index * points),
      times: Float64Array.from({ length: series * points }, (_, index) => (index % points) * 15_000),
      values: Float64Array.from({ length: series * points }, (_, index) => index / 7),
    };
    const answer: Answered = { value: { resultType: 'matrix', columns: large }, warnings: [], infos: [], cost: null };
    const pieces = [...formatAnswer(answer, { limit: 0, stats: null })];
    assert.ok(pieces.length > 20 && pieces.every((piece) => piece.length < 80 * 1024));
    const { result } = JSON.parse(Buffer.concat(pieces).toString()).data;
    assert.equal(result.length, series);
    assert.deepEqual(result[299].values[399], [5985, String((299 * points + 399) / 7)]);
  });

  test('numbers and moments', () => {
    const numbers = [0, -0, 1e21, 1e-7, 123456789.125, Number.NEGATIVE_INFINITY, Number.MAX_VALUE, 5e-324];
    assert.deepEqual(numbers.map(formatNumber), [
      '0',
      '-0',
      '1e+21',
      '1e-07',
      '123456789.125',
      '-Inf',
      '1.7976931348623157e+308',
      '5e-324',
    ]);
    assert.deepEqual([0, 1, 10, 100, 1000, 1001, -1500].map(formatSeconds), ['0', '0.001', '0.010', '0.100', '1', '1.001', '-1.500']);
  });
});

describe('parameters as Prometheus reads them', () => {
  const params = (text: string): URLSearchParams => new URLSearchParams(text);

  test('moments', () => {
    const time = (text: string) => timeParam(new URLSearchParams({ time: text }), 'time', 7);
    assert.deepEqual(time(''), { value: 7 });
    assert.deepEqual(time('1435781451.781'), { value: 1435781451781 });
    assert.deepEqual(time('1.4357814517812e9'), { value: 1435781451781 });
    assert.deepEqual(time('-1'), { value: -1000 });
    assert.deepEqual(time('2015-07-01T20:10:51.781Z'), { value: 1435781451781 });
    assert.deepEqual(time('2015-07-01T22:10:51.781+02:00'), { value: 1435781451781 });
    assert.deepEqual(time('-292273086-05-16T16:47:06Z'), { value: Number.MIN_SAFE_INTEGER });
    for (const bad of ['now', '2015-07-01', 'NaN', 'Inf', '0x10', '1e300', '12 ']) {
      assert.deepEqual(time(bad), {
        errorType: 'bad_data',
        error: `invalid parameter "time": Invalid time value for 'time': cannot parse ${JSON.stringify(bad)} to a valid timestamp`,
      });
    }
  });

  test('lengths', () => {
    assert.deepEqual(durationParam(params('step=15'), 'step'), { value: 15_000 });
    assert.deepEqual(durationParam(params('step=0.5'), 'step'), { value: 500 });
    assert.deepEqual(durationParam(params('step=1h30m'), 'step'), { value: 5_400_000 });
    assert.deepEqual(durationParam(params('step=-3'), 'step'), { value: -3000 });
    const wrong = durationParam(params('step=5 m'), 'step');
    assert.deepEqual(wrong, { errorType: 'bad_data', error: 'invalid parameter "step": cannot parse "5 m" to a valid duration' });
    for (const text of ['1e300', '9223372037', '-9223372037']) {
      const long = durationParam(params(`step=${text}`), 'step');
      assert.ok('error' in long && long.error.endsWith('It overflows int64'), text);
    }
    assert.deepEqual(durationParam(params('step=9223372036'), 'step'), { value: 9_223_372_036_000 });
    assert.ok('error' in durationParam(params('step=300y'), 'step'));
  });

  test('limits and names', () => {
    assert.deepEqual(limitParam(params('limit=5')), { value: 5 });
    assert.ok('error' in limitParam(params('limit=-1')));
    assert.ok('error' in limitParam(params('limit=x')));
    const names = ['job', 'U__http_2e_status', 'U__a__b', 'U__', 'U__a_zz_', 'U__a_d800_', ''].map(parseLabelName);
    assert.deepEqual(names, ['job', 'http.status', 'a_b', null, null, null, null]);
  });
});
