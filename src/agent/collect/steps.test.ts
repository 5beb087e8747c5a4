import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { missedSteps, nextStep, stepLength } from './steps.ts';

test('steps are multiples of the interval, each once', () => {
  assert.equal(nextStep(12_345, null, 10_000), 20_000);
  assert.equal(nextStep(20_000, 20_000, 10_000), 30_000);
  assert.equal(nextStep(19_999, 20_000, 10_000), 30_000);
  assert.equal(nextStep(5_000, 20_000, 10_000), 30_000);
});

test('when the clock was set back far, measuring goes on from the new time', () => {
  assert.equal(nextStep(12_345, 500_000, 10_000), 20_000);
});

test('waking late by more than a quarter of a step leaves gaps', () => {
  assert.equal(missedSteps(20_000, 22_500, 10_000), 0);
  assert.equal(missedSteps(20_000, 22_501, 10_000), 1);
  assert.equal(missedSteps(20_000, 40_000, 10_000), 3);
});

test('the first interval has shorter steps on the same grid', () => {
  assert.equal(stepLength(10_000, 0), 2_000);
  assert.equal(stepLength(10_000, 10_000), 10_000);
  assert.equal(stepLength(15_000, 0), 3_000);
  assert.equal(stepLength(1_000, 0), 1_000);
  assert.equal(stepLength(7_000, 0), 7_000);
});

test('whatever the clock does within two steps, moments rise and lie on the grid', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -15_000, max: 40_000 }), { maxLength: 50 }), (moves) => {
      let now = 1_000_000;
      let last: number | null = null;
      for (const move of moves) {
        now = Math.max(now + move, (last ?? 0) - 20_000);
        const at = nextStep(now, last, 10_000);
        assert.equal(at % 10_000, 0);
        if (last !== null) assert.ok(at > last);
        last = at;
      }
    }),
  );
});
