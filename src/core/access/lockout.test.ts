import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MINUTE, SECOND } from '../base/time.ts';
import { equalSecrets } from './equal-secrets.ts';
import { lockedUntil, stepFailure, type Failures } from './lockout.ts';
import { takeOne, type Buckets } from './rate-limit.ts';

test('four wrong passwords are forgiven, then each doubles the wait up to a quarter of an hour', () => {
  let state: Failures = { failures: 0, lockedUntil: null };
  const waits: (number | null)[] = [];
  for (let count = 0; count < 40; count++) {
    state = stepFailure(state, 1000);
    waits.push(state.lockedUntil === null ? null : state.lockedUntil - 1000);
  }
  assert.deepEqual(waits.slice(0, 7), [null, null, null, null, 5 * SECOND, 10 * SECOND, 20 * SECOND]);
  assert.equal(waits.at(-1), 15 * MINUTE);
  assert.equal(lockedUntil(state, 1000), 1000 + 15 * MINUTE);
  assert.equal(lockedUntil(state, 1000 + 15 * MINUTE), null);
});

test('a bucket gives its burst, then one for each interval, and every key has its own', () => {
  const buckets: Buckets = new Map();
  const limit = { burst: 3, every: 100, keys: 10 };
  const take = (key: string, now: number): number | null => takeOne(buckets, limit, key, now);
  assert.deepEqual([take('a', 0), take('a', 0), take('a', 0), take('a', 0), take('b', 0)], [null, null, null, 100, null]);
  assert.equal(take('a', 40), 60);
  assert.equal(take('a', 100), null);
  assert.equal(take('a', 100), 100);
  assert.deepEqual([take('a', 10_000), take('a', 10_000), take('a', 10_000), take('a', 10_000)], [null, null, null, 100]);
});

test('however many keys come, only so many are remembered', () => {
  const buckets: Buckets = new Map();
  for (let key = 0; key < 100_000; key++) takeOne(buckets, { burst: 1, every: 1000, keys: 50 }, String(key), key / 1000);
  assert.ok(buckets.size <= 50, `${buckets.size} keys`);
});

test('secrets are equal when all of them is', () => {
  assert.equal(equalSecrets('abc', 'abc'), true);
  assert.equal(equalSecrets('', ''), true);
  for (const [a, b] of [
    ['abc', 'abd'],
    ['abc', 'abcabc'],
    ['abc', ''],
    ['', 'abc'],
  ] as const) {
    assert.equal(equalSecrets(a, b), false, `${a} ${b}`);
  }
});
