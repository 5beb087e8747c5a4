import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignedRange, lastValue, parseMatrix, parseVector, sinceBegin } from './columns.ts';

test('a matrix becomes columns on shared moments, gaps are null', () => {
  const body = {
    resultType: 'matrix',
    result: [
      {
        metric: { mode: 'user' },
        values: [
          [10, '1'],
          [30, '3'],
        ],
      },
      {
        metric: { mode: 'idle' },
        values: [
          [20, 'NaN'],
          [30, '+Inf'],
          [10, '0.5'],
        ],
      },
    ],
  };
  assert.deepEqual(parseMatrix(body, { start: 10_000, end: 30_000, step: 10_000 }), {
    at: [10, 20, 30],
    series: [
      { labels: { mode: 'user' }, values: [1, null, 3] },
      { labels: { mode: 'idle' }, values: [0.5, null, null] },
    ],
  });
});

test('moments outside the range and malformed answers are ignored', () => {
  const range = { start: 10_000, end: 20_000, step: 10_000 };
  assert.deepEqual(parseMatrix({ result: [{ metric: 7, values: [[99, '1'], 'x', null] }, 5] }, range).series, [
    { labels: {}, values: [null, null] },
  ]);
  for (const body of [null, 'x', { result: 'no' }, []]) assert.deepEqual(parseMatrix(body, range).series, []);
});

test('a vector becomes points, a scalar one point', () => {
  assert.deepEqual(parseVector({ resultType: 'vector', result: [{ metric: { a: 'b' }, value: [1, '2.5'] }] }), [
    { labels: { a: 'b' }, value: 2.5 },
  ]);
  assert.deepEqual(parseVector({ resultType: 'scalar', result: [1, '42'] }), [{ labels: {}, value: 42 }]);
});

test('the last value skips gaps', () => {
  assert.equal(lastValue([1, 2, null]), 2);
  assert.equal(lastValue([null]), null);
});

test('a live range lies on multiples of its step, and a fine one holds the newest sample', () => {
  assert.deepEqual(alignedRange(1_234_567, 60_000, 10_000), { start: 1_180_000, end: 1_240_000, step: 10_000 });
  assert.deepEqual(alignedRange(1_234_567, 600_000, 60_000), { start: 600_000, end: 1_200_000, step: 60_000 });
});

test('a series that has just begun is shown from its begin', () => {
  assert.deepEqual(sinceBegin([null, null, null, 1, 2], 3), [null, 1, 2]);
  assert.deepEqual(sinceBegin([null, 1, null, 2], 2), [1, null, 2]);
  assert.deepEqual(sinceBegin([null, null], 1), [null, null]);
});
