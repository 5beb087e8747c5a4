import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LongQueries } from './long-queries.ts';

test('an expression that was too long goes to the query thread for a while, unless it turns out to be short there', () => {
  const long = new LongQueries();
  assert.equal(long.take('a', 0), false);
  long.note('a', 0, 'time');
  assert.equal(long.take('a', 60), false);
  long.took('a', 0, 30);
  let times = 0;
  while (long.take('a', 0)) times += 1;
  assert.equal(times, 50);
  long.note('a', 0, 'time');
  long.took('a', 0, 1);
  assert.equal(long.take('a', 0), false);
  long.note('a', 0, 'samples');
  long.took('a', 0, 1);
  assert.equal(long.take('a', 0), true);
});
