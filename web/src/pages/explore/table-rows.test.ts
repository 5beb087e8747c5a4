import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toCsv, toJson } from './download.ts';
import { sortRows, tableOf } from './table-rows.ts';

const row = (value: number, labels: Record<string, string>) => ({ labels, value, text: String(value), histogram: null });
const rows = [row(2, { cpu: '10', job: 'x' }), row(Number.NaN, { cpu: '1', job: 'x' }), row(7, { cpu: '2', job: 'x' })];

test('labels that all share stand above the table, the others are its columns', () => {
  const { columns, shared } = tableOf(rows);
  assert.deepEqual([columns, shared], [['cpu'], { job: 'x' }]);
  assert.deepEqual(tableOf(rows.slice(0, 1)).columns, ['cpu', 'job']);
  assert.deepEqual(tableOf([row(1, { b: '1', __name__: 'm' }), row(1, { a: '1', __name__: 'n' })]).columns, ['__name__', 'a', 'b']);
});

test('lines are sorted by value or label, numbers in labels as numbers, what is no number last', () => {
  const values = (order: Parameters<typeof sortRows>[1]): unknown => sortRows(rows, order).map(({ value }) => value);
  assert.deepEqual(values({ by: null, down: true }), [7, 2, Number.NaN]);
  assert.deepEqual(values({ by: null, down: false }), [2, 7, Number.NaN]);
  assert.deepEqual(values({ by: 'cpu', down: false }), [Number.NaN, 7, 2]);
});

test('a download holds what is shown, and no cell is a formula', () => {
  const instant = [{ letter: 'A', expr: 'x', range: null, rows: [row(-1, { a: '=1+1' })] }];
  assert.equal(toCsv(instant), "query,a,value\r\nA,'=1+1,-1\r\n");
  assert.deepEqual(JSON.parse(toJson(instant)), [{ query: 'A', expr: 'x', result: [{ metric: { a: '=1+1' }, value: '-1' }] }]);
  const range = [
    { letter: 'A', expr: 'x', rows: null, range: { at: [0, 10], tracks: [{ labels: { a: 'b' }, values: [1, null], histograms: null }] } },
  ];
  assert.equal(toCsv(range), 'time,"{a=""b""}"\r\n1970-01-01T00:00:00.000Z,1\r\n1970-01-01T00:00:10.000Z,\r\n');
  assert.deepEqual(JSON.parse(toJson(range))[0].result, [{ metric: { a: 'b' }, values: [[0, 1]] }]);
});
