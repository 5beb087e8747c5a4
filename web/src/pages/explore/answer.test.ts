import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRange, parseRows } from './answer.ts';
import { graphModel } from './graph-model.ts';
import { heatOf } from './heat.ts';
import { quantileOf } from './histogram.ts';
import { isBareSelector, seriesName } from '../../parts/series-name.ts';

const grid = { start: 10_000, end: 40_000, step: 10_000 };
const look = { unit: 'si', stacked: false, most: 100 } as const;

test('values stand at their moments, gaps and what is no number are gaps', () => {
  const { at, tracks } = parseRange(
    {
      resultType: 'matrix',
      result: [
        {
          metric: { a: 'b' },
          values: [
            [10, '1'],
            [30, 'NaN'],
            [40, '4'],
            [99, '9'],
          ],
        },
      ],
    },
    grid,
  );
  assert.deepEqual(at, [10, 20, 30, 40]);
  assert.deepEqual(tracks, [{ labels: { a: 'b' }, values: [1, null, null, 4], histograms: null }]);
  assert.deepEqual(parseRange('nonsense', grid).tracks, []);
});

test('native histograms are drawn as quantiles and as a heat strip', () => {
  const histogram = {
    count: '4',
    sum: '10',
    buckets: [
      [0, '0', '2', '2'],
      [0, '2', '4', '2'],
    ],
  };
  const answer = parseRange({ result: [{ metric: { __name__: 'h' }, histograms: [[20, histogram]] }] }, grid);
  const { lines } = graphModel([{ letter: 'A', expr: 'x', answer }], look);
  assert.deepEqual(
    lines.map(({ label, values }) => [label, values[1]]),
    [
      ['h p50', 2],
      ['h p90', 3.6],
      ['h p99', 3.96],
    ],
  );
  const [track] = answer.tracks;
  const heat = heatOf(track?.histograms ?? []);
  assert.equal(heat.columns, 4);
  assert.deepEqual(
    heat.cells.map(({ column, share }) => [column, share]),
    [
      [1, 1],
      [1, 1],
    ],
  );
  assert.equal(quantileOf({ count: 0, sum: 0, buckets: [] }, 0.5), null);
});

test('an instant answer of any type is lines of a table', () => {
  assert.deepEqual(parseRows({ resultType: 'scalar', result: [1, '2.5'] }), [{ labels: {}, value: 2.5, text: '2.5', histogram: null }]);
  assert.deepEqual(parseRows({ resultType: 'string', result: [1, 'x'] }), [{ labels: {}, value: null, text: 'x', histogram: null }]);
  const vector = parseRows({ resultType: 'vector', result: [{ metric: { a: '1' }, value: [1, '+Inf'] }] });
  assert.equal(vector[0]?.value, Number.POSITIVE_INFINITY);
  const matrix = parseRows({
    resultType: 'matrix',
    result: [
      {
        metric: {},
        values: [
          [1, '2'],
          [2, '3'],
        ],
      },
    ],
  });
  assert.deepEqual([matrix[0]?.value, matrix[0]?.text], [3, '2 @ 1\n3 @ 2']);
  const [native] = parseRows({ resultType: 'vector', result: [{ metric: {}, histogram: [1, { count: '2', sum: '3', buckets: [] }] }] });
  assert.deepEqual(native?.histogram, { count: 2, sum: 3, buckets: [] });
});

test('a series is named so that PromQL selects it, whatever stands in it', () => {
  assert.equal(seriesName({ __name__: 'up', job: 'a', b: 'x"y' }), 'up{b="x\\"y", job="a"}');
  assert.equal(seriesName({ __name__: 'http.total', 'a b': 'c' }), '{"http.total", "a b"="c"}');
  assert.equal(seriesName({ __name__: 'up' }), 'up');
  assert.equal(seriesName({}), '{}');
  assert.deepEqual(['up', ' up{a="b"} ', '{a="b"}', 'rate(up[5m])', 'up + up', ''].map(isBareSelector), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('several queries are told apart by their letters, and no more lines are drawn than asked', () => {
  const answer = parseRange(
    {
      result: [
        { metric: {}, values: [[10, '1']] },
        { metric: { a: 'b' }, values: [[10, '2']] },
      ],
    },
    grid,
  );
  const both = [
    { letter: 'A', expr: 'x', answer },
    { letter: 'C', expr: 'y', answer },
  ];
  assert.deepEqual(
    graphModel(both, { ...look, most: 3 }).lines.map(({ label }) => label),
    ['A x', 'A {a="b"}', 'C y'],
  );
});

test('lines are told apart by the labels that differ', () => {
  const metric = (mode: string): unknown => ({ metric: { __name__: 'cpu', host: 'a', mode }, values: [[10, '1']] });
  const answer = parseRange({ result: [metric('user'), metric('idle')] }, grid);
  const { lines } = graphModel([{ letter: 'A', expr: 'x', answer }], look);
  assert.deepEqual(
    lines.map(({ label, title }) => [label, title]),
    [
      ['cpu{mode="user"}', 'cpu{host="a", mode="user"}'],
      ['cpu{mode="idle"}', 'cpu{host="a", mode="idle"}'],
    ],
  );
  const alone = parseRange({ result: [metric('user')] }, grid);
  assert.equal(graphModel([{ letter: 'A', expr: 'x', answer: alone }], look).lines[0]?.label, 'cpu{host="a", mode="user"}');
});

test('values far from zero are looked at closely, a stack never', () => {
  const answer = parseRange(
    {
      result: [
        {
          metric: {},
          values: [
            [10, '1000'],
            [20, '1010'],
          ],
        },
      ],
    },
    grid,
  );
  assert.equal(graphModel([{ letter: 'A', expr: 'x', answer }], look).near, true);
  assert.equal(graphModel([{ letter: 'A', expr: 'x', answer }], { ...look, stacked: true }).near, undefined);
});
