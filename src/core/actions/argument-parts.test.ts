import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argumentParts, hiddenParts, quoteArgv } from './argument-parts.ts';

const drawn = (argument: string): string =>
  argumentParts(argument)
    .map((part) => part.text)
    .join('');

test('spaces, tabs and line ends are visible', () => {
  assert.equal(drawn('/var/my log'), '/var/my·log');
  assert.equal(drawn(' a\tb\n'), '·a→b⏎');
});

test('an empty argument is shown as one', () => {
  assert.deepEqual(
    argumentParts('').map((part) => part.kind),
    ['mark'],
  );
});

test('characters that hide or turn text are named', () => {
  assert.equal(drawn('safe\u202Etxt.exe'), 'safeU+202Etxt.exe');
  assert.equal(drawn('a\u200Bb'), 'aU+200Bb');
  assert.equal(drawn('a\u00A0b'), 'aU+00A0b');
  assert.equal(drawn('\u001B[31m'), 'U+001B[31m');
});

test('letters of every script are text', () => {
  for (const text of ['Größe', '日本語', '🔔', 'שלום']) assert.deepEqual(argumentParts(text), [{ kind: 'text', text, spoken: text }]);
});

test('the copied line quotes what a shell would split or expand', () => {
  assert.equal(quoteArgv(['rm', '-rf', '/var/my log', "it's", '$HOME', '']), String.raw`rm -rf '/var/my log' 'it'\''s' '$HOME' ''`);
});

test('in a line of a text spaces and tabs are nothing special, and nothing hides', () => {
  const line = (text: string): string =>
    hiddenParts(text)
      .map((part) => part.text)
      .join('');
  assert.equal(line('\tif true; then  # yes'), '\tif true; then  # yes');
  assert.equal(line('rm "$1" # \u202Esafe\r'), 'rm "$1" # U+202Esafe\u240d');
  assert.deepEqual(hiddenParts(''), []);
});
