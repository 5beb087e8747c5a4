import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gather } from './gather.ts';

test('what is asked at one moment is answered by one call, to each its own', async () => {
  const calls: number[][] = [];
  const double = gather<number, number>(3, async (numbers) => {
    calls.push([...numbers]);
    if (numbers.includes(13)) throw new Error('unlucky');
    return numbers.map((number) => number * 2);
  });
  assert.deepEqual(await Promise.all([1, 2, 3, 4].map(double)), [2, 4, 6, 8]);
  assert.equal(await double(5), 10);
  const outcomes = await Promise.allSettled([13, 6, 7, 8].map(double));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected', 'fulfilled'],
  );
  // What was asked after an answer was waited for is asked at one moment, too.
  await Promise.all([1, 2].map(async (number) => double(await double(number))));
  assert.deepEqual(calls, [[1, 2, 3], [4], [5], [13, 6, 7], [8], [1, 2], [2, 4]]);
});
