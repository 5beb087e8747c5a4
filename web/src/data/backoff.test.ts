import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from './backoff.ts';

test('attempts become rarer, never rarer than about 15 s, and browsers do not come all at once', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 99].map((attempt) => backoffMs(attempt, 0.5)),
    [1000, 2000, 4000, 8000, 15_000, 15_000],
  );
  assert.notEqual(backoffMs(3, 0), backoffMs(3, 0.99));
});
