import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextStyle, parseAnsi, plainText } from './ansi.ts';

const ESC = '\u001B';

test('named colours become classes, others become colours', () => {
  assert.deepEqual(
    parseAnsi('', `a${ESC}[31;1mred${ESC}[0m ${ESC}[38;5;208mpalette${ESC}[38;2;1;2;3mtrue`).map(({ text, classes, color }) => [
      text,
      classes,
      color,
    ]),
    [
      ['a', '', null],
      ['red', 'ansi-red-fg ansi-bold', null],
      [' ', '', null],
      ['palette', '', 'rgb(255, 135, 0)'],
      ['true', '', 'rgb(1, 2, 3)'],
    ],
  );
});

test('the style of the line before applies', () => {
  assert.equal(parseAnsi(`${ESC}[32m`, 'still green')[0]?.classes, 'ansi-green-fg');
});

test('nothing but colour and decoration is obeyed', () => {
  const hostile = `${ESC}]0;title\u0007${ESC}]8;;https://evil.example${ESC}\\link${ESC}]8;;${ESC}\\${ESC}[2J${ESC}[10;10H\u0008${ESC}(Bend\u009B`;
  assert.equal(plainText(hostile), 'linkend');
  assert.equal(
    parseAnsi('', hostile)
      .map((span) => span.text)
      .join(''),
    'linkend',
  );
});

test('markup stays text', () => {
  assert.equal(parseAnsi('', `${ESC}[31m<img src=x onerror=alert(1)>&amp;`)[0]?.text, '<img src=x onerror=alert(1)>&amp;');
});

test('styles add up, a reset clears them, and they cannot grow without bound', () => {
  assert.equal(nextStyle('', `${ESC}[1m${ESC}[31m`), `${ESC}[1m${ESC}[31m`);
  assert.equal(nextStyle(`${ESC}[1m`, `x${ESC}[0;32m`), `${ESC}[0;32m`);
  assert.equal(nextStyle(`${ESC}[1m`, `${ESC}[m`), '');
  assert.ok(nextStyle('', `${ESC}[31m`.repeat(1000)).length <= 200);
});
