import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR, MINUTE, SECOND } from '../../../../src/core/base/time.ts';
import { autoStep, formatLocal, leastStep, moved, parseLength, parseLocal, QUICK, rangeOfSearch, stepOf } from './time-range.ts';

test('every length has enough points to see, few enough to draw, and fewer than the server refuses', () => {
  for (const name of [...QUICK, '1s', '1m', '365d', '1825d']) {
    const length = parseLength(name) ?? 0;
    assert.ok(length / autoStep(length) <= 300, name);
    if (length >= 5 * MINUTE) assert.ok(length / autoStep(length) >= 60, name);
    assert.ok(length / leastStep(length) <= 11_000, name);
  }
});

test('a step is what was chosen, and nonsense means the automatic one', () => {
  assert.equal(stepOf(HOUR, '30s'), 30 * SECOND);
  for (const text of [undefined, '', 'soon', '-5s', '0', '100y']) assert.equal(stepOf(HOUR, text), autoStep(HOUR));
});

test('an address decides the range, nonsense means the last hour', () => {
  assert.deepEqual(rangeOfSearch({ range: '1h30m' }), { kind: 'last', length: 90 * MINUTE });
  assert.deepEqual(rangeOfSearch({ range: 'ever' }), { kind: 'last', length: HOUR });
  assert.deepEqual(rangeOfSearch({ from: 1, to: 2 }), { kind: 'fixed', from: 1, to: 2 });
});

test('a field for a time holds what was put into it', () => {
  const at = new Date(2026, 10, 20, 9, 5, 7).getTime();
  assert.equal(formatLocal(at), '2026-11-20T09:05:07');
  assert.equal(parseLocal(formatLocal(at)), at);
  assert.equal(parseLocal('2026-11-20T09:05'), at - 7 * SECOND);
  for (const text of ['', 'now', '2026-11-20', '2026-13-40T00:00']) assert.equal(parseLocal(text), null);
});

test('moving goes by half of what is seen and keeps its length', () => {
  assert.deepEqual(moved({ from: 1000, to: 2000 }, -1), { from: 500, to: 1500 });
  assert.deepEqual(moved({ from: 1000, to: 2000 }, 1), { from: 1500, to: 2500 });
});
