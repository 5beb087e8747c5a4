import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSubject, thresholdsOf } from './levels.ts';

const rule = (conditions: readonly string[], recovery: string | null) => ({
  name: 'r',
  expr: 'x',
  levels: conditions.map((condition) => ({ name: 'critical' as const, condition, forMs: 0 })),
  recovery: recovery === null ? null : { condition: recovery, forMs: 0 },
  file: null,
  line: 0,
});

test('bounds become lines with their bad side', () => {
  assert.deepEqual(
    thresholdsOf(rule(['above 90', 'value < -1.5e3'], 'below 60')).map(({ value, bad }) => [value, bad]),
    [
      [90, 'above'],
      [-1500, 'below'],
      [60, 'none'],
    ],
  );
});

test('a condition without a bound has no line', () => {
  assert.deepEqual(thresholdsOf(rule(['is there'], null)), []);
});

test('the series of an alert is found by its labels', () => {
  const alert = { alertname: 'A', instance: 'web-1', severity: 'critical' };
  assert.equal(isSubject({ instance: 'web-1' }, alert), true);
  assert.equal(isSubject({ __name__: 'up', instance: 'web-1' }, alert), true);
  assert.equal(isSubject({ instance: 'web-2' }, alert), false);
  assert.equal(isSubject({ instance: 'web-1', device: 'sda' }, alert), false);
});
