import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY } from '../base/time.ts';
import { type Hold, heldStretches, wholeDays } from './hold.ts';

function hold(name: string, from: number, to: number): Hold {
  return { name, match: [], selectors: [], from, to, reason: '', by: '', since: null };
}

test('a hold is about whole days', () => {
  assert.deepEqual(wholeDays(10 * DAY + 5, 11 * DAY + 7), { from: 10 * DAY, to: 12 * DAY - 1 });
  assert.deepEqual(wholeDays(10 * DAY, 11 * DAY - 1), { from: 10 * DAY, to: 11 * DAY - 1 });
  const ever = { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER };
  assert.deepEqual(wholeDays(ever.from, ever.to), ever);
});

test('a time is cut where holds begin, and behind the midnight that ends them', () => {
  const [a, b] = [hold('a', 10, 19), hold('b', 15, 40)];
  const cut = heldStretches([a, b], 0, 30).map(({ from, to, holds }) => [from, to, holds.map(({ name }) => name).join('')]);
  assert.deepEqual(cut, [
    [0, 9, ''],
    [10, 14, 'a'],
    [15, 20, 'ab'],
    [21, 30, 'b'],
  ]);
  assert.deepEqual(heldStretches([], 0, 30), [{ from: 0, to: 30, holds: [] }]);
  assert.deepEqual(heldStretches([hold('c', -5, 100)], 0, 30).length, 1);
});
