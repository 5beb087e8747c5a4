import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutMatches, findLines } from './find.ts';

const line = (text: string, number: number) => ({ number, stream: 'stdout' as const, style: '', text });

test('words are found whatever their case or colour', () => {
  const lines = ['Removed \u001B[31mapp\u001B[0m.log', 'kept', 'REMOVED b'].map(line);
  assert.deepEqual(findLines(lines, 'removed'), [0, 2]);
  assert.deepEqual(findLines(lines, 'app.log'), [0]);
  assert.deepEqual(findLines(lines, ''), []);
});

test('matches are every second piece', () => {
  assert.deepEqual(cutMatches('aXbxc', 'x'), ['a', 'X', 'b', 'x', 'c']);
  assert.deepEqual(cutMatches('abc', ''), ['abc']);
  assert.deepEqual(cutMatches('İx', 'x'), ['İx'], 'letters that change their length are not cut in the wrong place');
});
