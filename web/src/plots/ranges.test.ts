import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LENGTHS, rangeOf, rateWindow, stepFor } from './ranges.ts';

test('every choice of time has enough points to see and few enough to draw', () => {
  for (const [name, length] of Object.entries(LENGTHS)) {
    const points = length / stepFor(length);
    assert.ok(points >= 90 && points <= 400, `${name}: ${points} points`);
  }
});

test('the window of rate holds two samples and skips none', () => {
  assert.equal(rateWindow(10_000), '60s');
  assert.equal(rateWindow(600_000), '600s');
});

test('an address decides the range, nonsense means the usual one', () => {
  assert.deepEqual(rangeOf({ range: '6h' }, '1h'), { kind: 'last', length: 6 * 3_600_000 });
  assert.deepEqual(rangeOf({ range: 'toString' }, '1h'), { kind: 'last', length: 3_600_000 });
  assert.deepEqual(rangeOf({ from: 1, to: 2 }, '1h'), { kind: 'fixed', from: 1, to: 2 });
});
