import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeriesBlock } from '../../data/types.ts';
import { layOut, lengthsFor, lookOf, ticksOf } from './block-layout.ts';
import { outlookOf } from './forecast-model.ts';
import { queryOfLabel, queryOfMetric, queryOfPair } from './largest-queries.ts';
import { observe } from './observed-rate.ts';
import { helpOfRefusal } from './refusal-help.ts';
import { REFUSALS } from '../../../../src/core/series/refusal.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 1000 * DAY;

function block(name: string, hours: readonly [number, number], more: Partial<SeriesBlock> = {}): SeriesBlock {
  const [from, to] = hours;
  const what = { name, from: NOW + from * HOUR, to: NOW + to * HOUR, series: 1, samples: 1, bytes: 1 };
  return { ...what, tier: 'raw', cold: false, keptUntil: null, damagedChunks: 0, problem: null, ...more };
}

test('blocks stand in a row for each resolution, the finest first, at their times', () => {
  const { from, to, rows } = layOut(
    [block('c', [-8, 0], { tier: '1h' }), block('a', [-8, -4]), block('b', [-4, 0]), block('d', [-8, 0], { tier: '5m' })],
    NOW,
  );
  assert.deepEqual([from, to], [NOW - 8 * HOUR, NOW]);
  assert.deepEqual(
    rows.map(({ tier, lanes }) => [tier, lanes]),
    [
      ['raw', 1],
      ['5m', 1],
      ['1h', 1],
    ],
  );
  assert.deepEqual(
    rows[0]?.bars.map(({ block: { name }, left, width, lane }) => [name, left, width, lane]),
    [
      ['a', 0, 0.5, 0],
      ['b', 0.5, 0.5, 0],
    ],
  );
});

test('what overlaps stands below each other, and not without end', () => {
  assert.deepEqual(
    layOut([block('a', [-8, 0]), block('b', [-4, -2]), block('c', [-3, -1])], NOW).rows[0]?.bars.map(({ lane }) => lane),
    [0, 1, 2],
  );
  const many = Array.from({ length: 50 }, (_, n) => block(`b${n}`, [-8, 0]));
  assert.equal(layOut(many, NOW).rows[0]?.lanes, 6);
});

test('a part of time shows only what lies in it', () => {
  const blocks = [block('old', [-2000, -1000]), block('half', [-60, -40]), block('new', [-40, 0])];
  const { from, rows } = layOut(blocks, NOW, 2 * DAY);
  assert.equal(from, NOW - 2 * DAY);
  assert.deepEqual(
    rows[0]?.bars.map(({ block: { name }, left }) => [name, left]),
    [
      ['half', 0],
      ['new', 8 / 48],
    ],
  );
  assert.deepEqual(
    lengthsFor(blocks, NOW).map(({ name }) => name),
    ['2 d', '14 d'],
  );
  assert.deepEqual(lengthsFor([], NOW), []);
});

test('a block is damaged, cold or whole, and one that cannot be placed is not drawn', () => {
  assert.equal(lookOf(block('a', [-1, 0], { cold: true, damagedChunks: 2 })), 'damaged');
  assert.equal(lookOf(block('a', [-1, 0], { cold: true })), 'cold');
  assert.equal(lookOf(block('a', [-1, 0])), 'whole');
  assert.deepEqual(layOut([block('a', [0, 0], { problem: 'gone' })], NOW).rows, []);
});

test('there are a few moments below the picture, whatever its length', () => {
  for (const length of [HOUR, 5 * HOUR, 3 * DAY, 40 * DAY, 800 * DAY, 5000 * DAY]) {
    const ticks = ticksOf({ from: NOW - length, to: NOW });
    assert.ok(ticks.length >= 1 && ticks.length <= 7, `${length}: ${ticks.length}`);
    for (const { left } of ticks) assert.ok(left >= 0 && left <= 1);
  }
});

test('the forecast reaches the top of the disk on the day that the server says', () => {
  const forecast = {
    bytesPerDay: 10,
    bytesToday: 100,
    steadyBytes: null,
    diskFullAt: NOW + 100 * DAY,
    limitAt: null,
    seriesPerDay: null,
    seriesLimitAt: null,
  };
  const disk = { freeBytes: 1100, totalBytes: 2000, floorBytes: 100, full: null };
  const growth = [{ at: NOW - DAY, series: 1, bytes: 90 }];
  const outlook = outlookOf({ at: NOW, growth, forecast, disk });
  assert.ok(outlook !== null);
  assert.equal(outlook.model.thresholds[0]?.value, 1100);
  const expected = outlook.model.lines[1]?.values ?? [];
  assert.equal(expected.at(-1), 1100);
  const before = outlook.model.at.findLastIndex((at) => at * 1000 <= NOW + 50 * DAY);
  assert.ok(Math.abs((expected[before] ?? 0) - 600) < 15);
  assert.equal(outlook.model.lines[0]?.values[0], 90);
});

test('without an end the forecast levels off, and too early there is none', () => {
  const forecast = {
    bytesPerDay: 10,
    bytesToday: 100,
    steadyBytes: 150,
    diskFullAt: null,
    limitAt: null,
    seriesPerDay: null,
    seriesLimitAt: null,
  };
  const outlook = outlookOf({ at: NOW, growth: [], forecast, disk: null });
  assert.deepEqual([outlook?.model.lines[1]?.values.at(-1), outlook?.model.thresholds], [150, []]);
  assert.equal(outlookOf({ at: NOW, growth: [], forecast: { ...forecast, bytesPerDay: null }, disk: null }), null);
});

test('what is largest leads to a query about it, whatever its name', () => {
  assert.equal(queryOfMetric('up'), 'up');
  assert.equal(queryOfLabel('mode'), 'topk(50, count by (mode) ({mode!=""}))');
  assert.equal(queryOfLabel('a b'), 'topk(50, count by ("a b") ({"a b"!=""}))');
  assert.equal(queryOfPair('job=a=b"'), 'topk(50, count by (__name__) ({job="a=b\\""}))');
});

test('every reason of a refusal has words and a way out', () => {
  for (const reason of REFUSALS) {
    const { what, todo } = helpOfRefusal(reason);
    assert.ok(what.length > 5 && todo.length > 10 && !what.includes('-limit'), reason);
  }
});

test('the rate that was seen is kept once a moment, and not for ever', () => {
  let seen = observe([], 1, 5);
  seen = observe(observe(seen, 1, 6), 2, null);
  assert.deepEqual(seen, [{ at: 1, perSecond: 5 }]);
  for (let at = 2; at < 500; at++) seen = observe(seen, at, at);
  assert.equal(seen.length, 120);
});
