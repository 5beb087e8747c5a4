import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, formatSpan, HOUR, MINUTE, SECOND } from './time.ts';

test('in a sentence a length of time is rounded as people would', () => {
  const exact = 4 * MINUTE + 52 * SECOND + 881;
  assert.equal(formatDuration(exact), '4m52s881ms');
  assert.equal(formatSpan(exact), '4m53s');
  assert.equal(formatSpan(59 * MINUTE + 59_800), '1h');
  assert.equal(formatSpan(26 * HOUR + 30 * MINUTE + 12_345), '1d2h30m');
  assert.equal(formatSpan(300), '300ms');
  assert.equal(formatSpan(0), '0s');
  assert.equal(formatSpan(-90_400), '-1m30s');
});
