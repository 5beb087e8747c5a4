import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from './clock.ts';
import { systemRandom } from './random.ts';

test('waiting ends with the length or with the signal', async () => {
  const before = systemClock.elapsed();
  await systemClock.wait(15);
  assert.ok(systemClock.elapsed() - before >= 14);
  const controller = new AbortController();
  const waiting = systemClock.wait(60_000, controller.signal);
  controller.abort();
  await waiting;
  await systemClock.wait(60_000, controller.signal);
});

test('identifiers are version-7 UUIDs that sort by the time of their making', () => {
  const ids = Array.from({ length: 10_000 }, () => systemRandom.id());
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, ids.length);
  assert.match(ids[0] ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(systemRandom.secret(16), /^[0-9a-f]{32}$/);
});
