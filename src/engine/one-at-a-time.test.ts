import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OneAtATime } from './one-at-a-time.ts';

test('who asks for what is done elsewhere waits, and all who wait get the same next time', async () => {
  const line = new OneAtATime<number>();
  let done = 0;
  const work = async (): Promise<number> => (done += 1);
  let release = (): void => {};
  line.hold(['a', 'b'], new Promise<void>((resolve) => void (release = resolve)));
  assert.deepEqual([line.isBusy('a'), line.isBusy('b'), line.isBusy('c')], [true, true, false]);
  const asked = [line.do('a', work), line.do('a', work), line.do('c', work)];
  await asked[2];
  assert.equal(done, 1, 'only what nobody holds');
  release();
  assert.deepEqual(await Promise.all(asked), [2, 2, 1]);
  await line.do('d', work);
  assert.deepEqual([line.isBusy('a'), line.isBusy('b')], [false, false]);
});

test('what is held is free again when that fails', async () => {
  const line = new OneAtATime<number>();
  const failed = Promise.reject(new Error('no'));
  line.hold(['a'], failed);
  const next = line.do('a', async () => 7);
  await failed.catch(() => {});
  assert.equal(await next, 7);
});
