import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeOf, comparisonOf, earlierValues } from './comparing.ts';
import { graphModel } from './graph-model.ts';

const DAY = 86_400_000;

test('only the lengths that are offered are compared with', () => {
  assert.deepEqual(comparisonOf('7d'), { by: 7 * DAY, name: 'the week before' });
  assert.deepEqual([comparisonOf('8d'), comparisonOf(undefined), comparisonOf('')], [null, null, null]);
});

test('a change is a share of the earlier value, where that means something', () => {
  assert.deepEqual(
    [changeOf(112, 100), changeOf(50, 100), changeOf(-5, -10), changeOf(1, 0), changeOf(null, 1), changeOf(1, undefined), changeOf(1e9, 1)],
    ['+12 %', '−50 %', '+50 %', '', '', '', '+> 10000 %'],
  );
  const row = { labels: { __name__: 'm', a: 'b' }, value: 3, text: '3', histogram: null };
  assert.deepEqual([...earlierValues([row, { ...row, labels: {}, value: Number.NaN }])], [['m{a="b"}', 3]]);
});

test('the earlier lines are dashed, in the colour of the line that they belong to, and what is gone is grey', () => {
  const track = (host: string, value: number) => ({ labels: { __name__: 'm', host }, values: [value, value], histograms: null });
  const answer = { at: [0, 60], tracks: [track('a', 1), track('b', 2)] };
  const before = { name: 'the day before', answer: { at: [0, 60], tracks: [track('b', 3), track('c', 4)] } };
  const { lines } = graphModel([{ letter: 'A', expr: 'm', answer, before }], { unit: 'si', stacked: false, most: 100 });
  assert.deepEqual(
    lines.map(({ label, color, dashed, values }) => [label, color, dashed === true, values[0]]),
    [
      ['m{host="a"}', 'series-1', false, 1],
      ['m{host="b"}', 'series-2', false, 2],
      ['m{host="b"}, the day before', 'series-2', true, 3],
      ['m{host="c"}, the day before', 'ink-3', true, 4],
    ],
  );
});
