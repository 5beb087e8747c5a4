import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsOf, typeByName } from '../../data/metric-facts.ts';
import { isolated, toggled } from '../../plots/hidden-lines.ts';
import { examplesFor } from './examples.ts';
import { MOST_REMEMBERED, parseHistory, withAsked } from './history.ts';
import { unitOf } from './units.ts';

test('what was asked is remembered once, newest first, and not without end', () => {
  let entries = withAsked([], ['a', 'b', 'a'], 1);
  assert.deepEqual(
    entries.map(({ expr }) => expr),
    ['a', 'b'],
  );
  entries = withAsked(entries, ['b', ' '], 2);
  assert.deepEqual(entries, [
    { expr: 'b', at: 2 },
    { expr: 'a', at: 1 },
  ]);
  for (let n = 0; n < 200; n++) entries = withAsked(entries, [`q${n}`], n);
  assert.equal(entries.length, MOST_REMEMBERED);
  assert.deepEqual(parseHistory(JSON.parse(JSON.stringify(entries))), entries);
});

test('a browser that kept nonsense forgets it', () => {
  for (const kept of [null, 'x', {}, [null, 1, { expr: 1, at: 1 }, { expr: 'x' }, { expr: 'x'.repeat(9999), at: 1 }]]) {
    assert.deepEqual(parseHistory(kept), []);
  }
});

test('units follow the names in the query, until one is chosen', () => {
  const cases: [string, string][] = [
    ['node_memory_MemFree_bytes', 'bytes'],
    ['sum by (x) (rate(node_network_receive_bytes_total[1m]))', 'bytes/s'],
    ['rate(http_requests_total[5m])', 'per second'],
    ['histogram_quantile(0.9, rate(request_seconds_bucket[5m]))', 'seconds'],
    ['100 * (1 - x / y)', 'percent'],
    ['a_bytes / b_bytes', 'si'],
    ['count by (x) (up_bytes)', 'si'],
    ['up{job="a_bytes"}', 'si'],
  ];
  for (const [expr, unit] of cases) assert.equal(unitOf(undefined, [expr]), unit, expr);
  assert.equal(unitOf(undefined, ['a_bytes', 'b_seconds']), 'si');
  assert.equal(unitOf(undefined, ['rate(wait_seconds[5m])'], true), 'seconds');
  assert.equal(unitOf('percent', ['a_bytes']), 'percent');
  assert.equal(unitOf('furlong', ['a_bytes']), 'bytes');
});

test('a name shows its line alone, once more shows all, with Ctrl it hides one', () => {
  const labels = ['a', 'b', 'c'];
  const alone = isolated(new Set(), 'b', labels);
  assert.deepEqual([...alone], ['a', 'c']);
  assert.deepEqual([...isolated(alone, 'b', labels)], []);
  assert.deepEqual([...isolated(alone, 'a', labels)], ['b', 'c']);
  assert.deepEqual([...toggled(alone, 'a')], ['c']);
  assert.deepEqual([...toggled(alone, 'b')], ['a', 'c', 'b']);
});

test('only examples that have something to show are offered', () => {
  const some = examplesFor(new Set(['up']));
  assert.deepEqual(
    some.map(({ needs }) => needs),
    ['up', ''],
  );
  assert.ok(examplesFor(new Set()).length === 1);
});

test('labels of a metric come with their values, types from the habits of naming', () => {
  const { labels } = labelsOf([{ __name__: 'm', b: '2', a: '1' }, { __name__: 'm', b: '1', a: '1' }, null]);
  assert.deepEqual(labels, [
    { name: 'a', values: ['1'] },
    { name: 'b', values: ['1', '2'] },
  ]);
  assert.deepEqual(['a_total', 'a_bucket', 'build_info', 'load'].map(typeByName), ['counter', 'histogram', 'info', '']);
});
