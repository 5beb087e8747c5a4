import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY, HOUR } from '../base/time.ts';
import { bytesPerDay, fullAt, reachesAt, slopePerDay, steadyBytes, type StoredPiece } from './forecast.ts';

const NOW = 1_700_000_000_000;
const KEEP = 10 * DAY;
/** One piece for each of so many last days. */
const days = (count: number, bytes: number): StoredPiece[] =>
  Array.from({ length: count }, (_, i) => ({
    from: NOW - (i + 1) * DAY,
    to: NOW - i * DAY,
    bytes,
    goesAt: NOW - i * DAY + KEEP,
  }));

test('the bytes of a day are those of the last week, or of as long as there is something', () => {
  assert.equal(bytesPerDay([...days(7, 100), { from: NOW - 30 * DAY, to: NOW - 20 * DAY, bytes: 1e9, goesAt: NOW }], NOW), 100);
  assert.equal(bytesPerDay([{ from: NOW - 6 * HOUR, to: NOW, bytes: 50, goesAt: NOW + KEEP }], NOW), 200);
  assert.equal(bytesPerDay([{ from: NOW - 60_000, to: NOW, bytes: 50, goesAt: NOW + KEEP }], NOW), null);
  assert.equal(bytesPerDay([], NOW), null);
});

test('a store that is younger than its retention grows until what is deleted makes up for it', () => {
  const inflows = [{ bytesPerDay: 100, keep: KEEP }];
  const situation = { now: NOW, pieces: days(4, 100), inflows };
  assert.equal(steadyBytes(inflows), 1_000);
  assert.equal(fullAt({ ...situation, roomBytes: 250 }), NOW + 2.5 * DAY);
  // It holds 400 bytes and will hold 1000: it never needs 700 more.
  assert.equal(fullAt({ ...situation, roomBytes: 700 }), null);
  assert.equal(fullAt({ ...situation, roomBytes: 0 }), NOW);
  assert.equal(fullAt({ ...situation, roomBytes: Number.POSITIVE_INFINITY }), null);
});

test('without a retention it grows for ever; beyond ten years nothing is said', () => {
  const inflows = [{ bytesPerDay: 1, keep: Number.POSITIVE_INFINITY }];
  assert.equal(steadyBytes(inflows), null);
  assert.equal(fullAt({ now: NOW, pieces: [], inflows, roomBytes: 3_000 }), NOW + 3_000 * DAY);
  assert.equal(fullAt({ now: NOW, pieces: [], inflows, roomBytes: 4_000 }), null);
});

test('growth a day is not bent by a single jump, and says when a limit is reached', () => {
  const points = Array.from({ length: 48 }, (_, i) => ({ at: NOW - (48 - i) * HOUR, value: i === 30 ? 1e6 : 1_000 + i * 10 }));
  const slope = slopePerDay(points) ?? 0;
  assert.ok(Math.abs(slope - 240) < 1e-6);
  assert.equal(slopePerDay(points.slice(0, 3)), null);
  assert.equal(reachesAt(1_000, 1_480, 240, NOW), NOW + 2 * DAY);
  assert.equal(reachesAt(1_000, 1_000, null, NOW), NOW);
  assert.equal(reachesAt(1_000, 2_000, -5, NOW), null);
});
