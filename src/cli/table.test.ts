import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawLine } from './draw-line.ts';
import { formatAge, formatPairs, formatTable, plain } from './table.ts';

test('nothing in a text from outside reaches the terminal as a command', () => {
  assert.equal(plain('a\x1b[31mb\r\x07\u009bc\u202e\nd\te'), 'a\ufffd[31mb\ufffd\ufffd\ufffdc\ufffd d e');
  assert.equal(formatTable(['A', 'B'], [['1\n2', 'x\x1b]0;t\x07']]), 'A    B\n1 2  x\ufffd]0;t\ufffd\n');
  assert.equal(
    formatPairs([
      ['a', 'x\ny'],
      ['empty', ''],
      ['absent', null],
      ['longer', 'z'],
    ]),
    'a:       x y\nlonger:  z\n',
  );
});

test('ages in the units that matter', () => {
  assert.deepEqual([0, 59_999, 7_323_000, 90_061_000, -5].map(formatAge), ['0s', '59s', '2h2m', '1d1h', '0s']);
});

test('a line of bars', () => {
  const frame = { from: 0, to: 7, least: 0, most: 7, columns: 8 };
  assert.equal(
    drawLine(
      [0, 1, 2, 3, 4, 5, 6, 7].map((x) => [x, x]),
      frame,
    ),
    '▁▂▃▄▅▆▇█',
  );
  assert.equal(
    drawLine(
      [
        [0, 5],
        [7, Number.NaN],
      ],
      { ...frame, least: 5, most: 5 },
    ),
    '▁       ',
  );
  assert.equal(drawLine([[3, 1]], { from: 3, to: 3, least: 1, most: 1, columns: 1 }), '▁');
});
