import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY, HOUR } from '../../core/base/time.ts';
import { GrowthLog } from './growth-log.ts';

const START = 1_700_000_000_000 - (1_700_000_000_000 % DAY);
const root = mkdtempSync(join(tmpdir(), 'tocsin-growth-'));
after(() => rmSync(root, { recursive: true, force: true }));

test('one point an hour is kept over restarts, later one a day, and none for ever', () => {
  for (let hour = 0; hour < 450 * 24; hour += 1) {
    const log = hour % 500 === 0 ? new GrowthLog(root) : undefined;
    assert.ok(log === undefined || (hour === 0) === (log.points.length === 0));
    if (log !== undefined) log.note({ at: START + hour * HOUR + 1, series: hour, bytes: 2 * hour }, hour);
  }
  const log = new GrowthLog(root);
  const now = START + 450 * DAY;
  for (let hour = 0; hour < 30 * 24; hour += 1) {
    log.note({ at: now + hour * HOUR, series: hour, bytes: hour }, 0);
    log.note({ at: now + hour * HOUR + 10_000, series: hour + 1, bytes: hour }, 0);
  }
  const again = new GrowthLog(root);
  assert.deepEqual(again.points, log.points);
  assert.ok(again.points.length <= 14 * 24 + 400 && again.points.length >= 14 * 24 + 15);
  assert.ok((again.points[0]?.at ?? 0) >= now + 30 * DAY - 401 * DAY);
});

test('samples a second are those of the last minute, and begin anew when counting does', () => {
  const log = new GrowthLog(join(root, 'nowhere'));
  assert.equal(log.samplesPerSecond, null);
  for (let i = 0; i <= 30; i += 1) log.note({ at: START + i * 10_000, series: 1, bytes: 1 }, i < 20 ? 0 : (i - 20) * 1_000);
  assert.equal(log.samplesPerSecond, 100);
  log.note({ at: START + 310_000, series: 1, bytes: 1 }, 5);
  assert.equal(log.samplesPerSecond, null);
});

test('a damaged file is no history', () => {
  const folder = mkdtempSync(join(root, 'damaged-'));
  for (const text of ['', '[[1,2', '{"a":1}', '[1,"x",[null],[1,2],["a",1,1]]']) {
    writeFileSync(join(folder, 'growth.json'), text);
    assert.deepEqual(new GrowthLog(folder).points, []);
  }
});
