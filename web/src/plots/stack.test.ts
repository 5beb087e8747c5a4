import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stack, summary } from './stack.ts';

test('columns pile up; a gap in one is nothing, a gap in all is a gap', () => {
  assert.deepEqual(
    stack([
      [1, null, null],
      [2, 5, null],
    ]),
    [
      [1, 0, null],
      [3, 5, null],
    ],
  );
  assert.deepEqual(stack([]), []);
});

test('the summary skips gaps', () => {
  assert.deepEqual(summary([1, 9, 3, null]), { last: 3, most: 9 });
  assert.deepEqual(summary([null]), { last: null, most: null });
});
