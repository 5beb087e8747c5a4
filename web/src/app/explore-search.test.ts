import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { askedQueries, exploreSearch, MOST_QUERIES, searchOfQueries } from './explore-search.ts';

test('an address that is read is the address that was written', () => {
  const search = { q: ['up', 'rate(x[5m])'], off: 'B', from: 1, to: 2, step: '30s', view: 'table', unit: 'bytes', stacked: true };
  assert.deepEqual(exploreSearch(search), search);
  assert.deepEqual(exploreSearch({ q: 'up', range: '6h', refresh: '10s' }), { q: ['up'], range: '6h', refresh: '10s' });
});

test('what cannot be meant is left out, and everything is bounded', () => {
  assert.deepEqual(exploreSearch({ q: ['', 7, null, {}], off: 'ZC', from: 2, to: 1, view: 'x', step: '', range: 'x'.repeat(100) }), {
    q: ['7'],
  });
  assert.deepEqual(exploreSearch({ from: 1, to: 2, range: '1h', refresh: '5s' }), { from: 1, to: 2 });
  assert.equal(exploreSearch({ q: Array.from({ length: 99 }, () => 'up') }).q?.length, MOST_QUERIES);
  assert.deepEqual(exploreSearch({ q: 'x'.repeat(9000) }), {});
});

test('queries keep their letters: empty ones go, and those behind them move up', () => {
  assert.deepEqual(searchOfQueries([{ expr: 'a' }, { expr: ' ' }, { expr: ' c ', off: true }]), { q: ['a', 'c'], off: 'B' });
  assert.deepEqual(searchOfQueries([{ expr: '' }]), {});
  assert.deepEqual(askedQueries({ q: ['a', 'c'], off: 'B' }), [{ expr: 'a' }, { expr: 'c', off: true }]);
});

test('any address is read without harm, and reading it again changes nothing', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('q', 'off', 'range', 'from', 'to', 'step', 'view', 'unit', 'refresh'), fc.anything()),
      (raw) => {
        const once = exploreSearch(raw);
        assert.deepEqual(exploreSearch({ ...once }), once);
      },
    ),
  );
});
