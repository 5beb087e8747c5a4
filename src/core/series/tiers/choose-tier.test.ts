import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY, HOUR, MINUTE } from '../../base/time.ts';
import { alignTime } from '../../promql/buckets.ts';
import { chooseTiers, type TierKept, type TierWish } from './choose-tier.ts';

const NOW = 20_000 * DAY + 10 * HOUR + 17 * MINUTE;
const TODAY = 20_000 * DAY;
const KEPT: readonly TierKept[] = [
  { every: 0, from: TODAY - 15 * DAY, until: Number.POSITIVE_INFINITY },
  { every: 5 * MINUTE, from: TODAY - 90 * DAY, until: TODAY - DAY },
  { every: HOUR, from: TODAY - 730 * DAY, until: TODAY - DAY },
];

function chosen(wish: Partial<TierWish>, from: number, to = NOW): string {
  return chooseTiers({ func: 'rate', range: HOUR, grid: { start: from, step: HOUR }, ...wish }, { from, to }, KEPT)
    .map(({ every, from: a, to: b }) => `${every / MINUTE}m ${(a - TODAY) / DAY}..${b === NOW ? 'now' : (b - TODAY) / DAY}`)
    .join(', ');
}

test('what buckets answer exactly is read from the coarsest of them, and the end from the samples', () => {
  assert.equal(chosen({}, TODAY - 30 * DAY), '60m -30..-1, 0m -1..now');
  assert.equal(chosen({ range: 5 * MINUTE }, TODAY - 10 * DAY), '5m -10..-1, 0m -1..now');
  assert.equal(chosen({ func: '', range: 0 }, TODAY - 10 * DAY, TODAY - 2 * DAY), '60m -10..-2');
});

test('what buckets cannot answer exactly is read from the samples as far as there are any, then from the finest buckets', () => {
  assert.equal(chosen({ func: 'quantile_over_time' }, TODAY - 100 * DAY), '60m -100..-90, 5m -90..-15, 0m -15..now');
  assert.equal(chosen({ grid: { start: NOW, step: HOUR } }, TODAY - 10 * DAY), '0m -10..now');
  assert.equal(chosen({ grid: null }, TODAY - 10 * DAY), '0m -10..now');
  assert.equal(chosen({ range: 7 * MINUTE }, TODAY - 20 * DAY), '5m -20..-15, 0m -15..now');
});

test('where nothing is kept the samples are asked', () => {
  assert.equal(chosen({}, TODAY - 1000 * DAY, TODAY - 900 * DAY), '0m -1000..-900');
  assert.equal(chooseTiers({ func: '', range: 0, grid: null }, { from: 5, to: 5 }, KEPT).length, 0);
});

test('stretches cover the window without gap or overlap, at resolutions that are kept there', () => {
  const time = fc.integer({ min: -800 * 24, max: 24 }).map((hours) => TODAY + hours * HOUR);
  const wish = fc.record({
    func: fc.constantFrom('rate', 'stddev_over_time'),
    range: fc.constantFrom(MINUTE, HOUR),
    grid: fc.record({ start: fc.constantFrom(TODAY, NOW), step: fc.constantFrom(MINUTE, HOUR) }),
  });
  fc.assert(
    fc.property(time, time, wish, (a, b, wanted) => {
      const window = { from: Math.min(a, b), to: Math.max(a, b) + 1 };
      const stretches = chooseTiers(wanted, window, KEPT);
      assert.equal(stretches[0]?.from, window.from);
      assert.equal(stretches.at(-1)?.to, window.to);
      for (const [i, { every, from, to }] of stretches.entries()) {
        assert.ok(from < to);
        if (i > 0) assert.equal(from, stretches[i - 1]?.to);
        const tier = KEPT.find((one) => one.every === every);
        assert.ok(tier !== undefined && (every === 0 || ((i === 0 || tier.from <= from) && tier.until >= to)));
      }
    }),
  );
});

test('a moment is moved to the last one that the resolution there knows', () => {
  const stretches = chooseTiers({ func: 'x', range: 0, grid: null }, { from: TODAY - 100 * DAY, to: NOW }, KEPT);
  assert.equal(alignTime(stretches, NOW - MINUTE), NOW - MINUTE);
  assert.equal(alignTime(stretches, TODAY - 20 * DAY + 7 * MINUTE), TODAY - 20 * DAY + 5 * MINUTE);
  assert.equal(alignTime(stretches, TODAY - 90 * DAY), TODAY - 90 * DAY);
  assert.equal(alignTime(stretches, TODAY - 90 * DAY - 1), TODAY - 90 * DAY - HOUR);
});
