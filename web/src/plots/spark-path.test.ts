import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sparkPath } from './spark-path.ts';

const box = { width: 100, height: 20 };

test('values reach from edge to edge, large ones up', () => {
  assert.deepEqual(sparkPath([0, 50, 100], { min: 0, max: 100 }, box), {
    line: 'M0 20L50 10L100 0',
    area: 'M0 20L0 20L50 10L100 0L100 20Z',
  });
});

test('a gap breaks the line', () => {
  assert.equal(sparkPath([0, null, 100, 100], { min: 0, max: 100 }, box).line, 'M0 20L0 20M66.67 0L100 0');
});

test('what lies outside stays in the box, and a flat range does not divide by zero', () => {
  assert.equal(sparkPath([-5, 500], { min: 0, max: 100 }, box).line, 'M0 20L100 0');
  assert.equal(sparkPath([3, 3], { min: 3, max: 3 }, box).line, 'M0 20L100 20');
  assert.deepEqual(sparkPath([], { min: 0, max: 1 }, box), { line: '', area: '' });
});
