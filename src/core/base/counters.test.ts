import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countOf, increase, measure, type Counters, type Metric } from './counters.ts';

const seen: Metric = { name: 'seen_total', help: 'Seen.', type: 'counter' };

test('each label set has its own number', () => {
  const counters: Counters = new Map();
  increase(counters, seen, { a: '1' });
  increase(counters, seen, { a: '1' }, 2);
  increase(counters, seen, { a: '2' });
  assert.deepEqual([countOf(counters, seen, { a: '1' }), countOf(counters, seen, { a: '2' }), countOf(counters, seen)], [3, 1, 0]);
  measure(counters, { ...seen, name: 'queue', type: 'gauge' }, {}, 7);
  assert.equal(countOf(counters, { ...seen, name: 'queue' }), 7);
});

test('label sets without end are counted together, and nothing is lost', () => {
  const counters: Counters = new Map();
  for (let count = 0; count < 5_000; count++) increase(counters, seen, { path: String(count) });
  const family = counters.get(seen.name);
  assert.equal(family?.values.size, 1_001);
  assert.equal(countOf(counters, seen, { overflow: 'true' }), 4_000);
});
