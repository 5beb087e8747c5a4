import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMoment, parseCount, parseLength, parseMoment } from './moments.ts';

const NOW = 1_800_000_000_000;

test('moments as people type them', () => {
  assert.equal(parseMoment('now', NOW), NOW);
  assert.equal(parseMoment('1h', NOW), NOW - 3_600_000);
  assert.equal(parseMoment('-90s', NOW), NOW - 90_000);
  assert.equal(parseMoment('1700000000.5', NOW), 1_700_000_000_500);
  assert.equal(parseMoment('2026-01-31T08:00:00+01:00', NOW), Date.parse('2026-01-31T07:00:00Z'));
  for (const wrong of ['yesterday', '', '2026-13-01T00:00:00Z', '1x']) assert.throws(() => parseMoment(wrong, NOW), /is no moment/);
  assert.equal(formatMoment(1_700_000_000_000), '2023-11-14T22:13:20Z');
  assert.equal(formatMoment(null), '');
});

test('lengths of time and numbers', () => {
  assert.equal(parseLength('15', 'step'), 15_000);
  assert.equal(parseLength('1m30s', 'step'), 90_000);
  assert.throws(() => parseLength('0', 'step'), /--step 0/);
  assert.equal(parseCount(undefined, 'limit', 7), 7);
  assert.throws(() => parseCount('0', 'limit', 7), /--limit 0/);
  assert.throws(() => parseCount('-3', 'limit', 7));
});
