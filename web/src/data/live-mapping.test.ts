import assert from 'node:assert/strict';
import { test } from 'node:test';
import { staleKeys } from './live-mapping.ts';

const names = (about: readonly string[]): string[] => staleKeys(about).map((key) => key.join('/'));

test('samples refresh series and nothing else', () => {
  assert.deepEqual(names(['samples']), ['series/live']);
});

test('an alert refreshes its own page, the lists and the numbers, not other alerts', () => {
  const stale = names(['alert/abc-1']);
  assert.ok(stale.includes('alerts/list') && stale.includes('alerts/one/abc-1') && stale.includes('overview'));
  assert.ok(!stale.some((name) => name.startsWith('series')) && !stale.includes('runs/list'));
});

test('a run refreshes the pages of all alerts, once, because their stories show runs', () => {
  const stale = names(['run/r1', 'alert/a1']);
  assert.ok(stale.includes('alerts/one'));
  assert.ok(!stale.includes('alerts/one/a1'), 'already covered');
  assert.ok(stale.includes('runs/one/r1'));
});

test('a name with a slash stays whole', () => {
  assert.ok(names(['run/a/b']).includes('runs/one/a/b'));
});

test('an unknown word refreshes everything durable', () => {
  const stale = names(['weather/london']);
  assert.ok(
    stale.includes('alerts') && stale.includes('runs') && stale.includes('users') && !stale.some((name) => name.startsWith('series')),
  );
});

test('nothing changed, nothing refreshed', () => {
  assert.deepEqual(names([]), []);
});
