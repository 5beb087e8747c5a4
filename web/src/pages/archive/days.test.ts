import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDay, parseDay } from './days.ts';

test('a day reaches from its first to its last millisecond, and comes back as it was typed', () => {
  const begin = parseDay('2026-10-03', 'begin') ?? 0;
  const end = parseDay('2026-10-03', 'end') ?? 0;
  assert.equal(formatDay(begin), '2026-10-03');
  assert.equal(formatDay(end), '2026-10-03');
  assert.equal(formatDay(end + 1), '2026-10-04');
});

test('a half-typed date is none', () => {
  assert.equal(parseDay('2026-1', 'begin'), undefined);
  assert.equal(formatDay(undefined), '');
});
