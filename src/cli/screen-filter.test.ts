import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ScreenFilter } from './screen-filter.ts';

const pass = (...pieces: readonly (string | Uint8Array)[]): string => {
  const filter = new ScreenFilter();
  return Buffer.concat(pieces.map((piece) => filter.pass(Buffer.from(piece)))).toString();
};

test('colours, progress bars and any text pass', () => {
  for (const text of ['\x1b[1;31mred\x1b[0m\n', '10 %\r20 %\r', '\x1b[2K\x1b[1G50 %', 'häß – 漢字 🎉\tx\b', '\x1b[38;2;1;2;3mtrue'])
    assert.equal(pass(text), text);
});

test('what changes titles, modes or the clipboard, or asks the terminal, does not', () => {
  for (const text of [
    '\x1b]0;title\x07',
    '\x1b]52;c;aGk=\x1b\\',
    '\x1bPq#0;1\x1b\\',
    '\x1b[?1049h',
    '\x1b[6n',
    '\x1b[>4;1m',
    '\x1bc',
    '\x07\x7f\x00',
    '\u009b',
  ])
    assert.equal(pass(`a${text}b`), 'ab', JSON.stringify(text));
});

test('it does not matter where the pieces begin', () => {
  const parts = fc.constantFrom('\x1b', '[', ']', '0;', '31', 'm', 'x', '\x07', '\\', 'ä', '\n', '\u009b', 'h', '?');
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 20 }), fc.nat(), (texts, cut) => {
      const bytes = Buffer.from(texts.join(''));
      const at = cut % (bytes.length + 1);
      assert.equal(pass(bytes.subarray(0, at), bytes.subarray(at)), pass(bytes));
      const [, ...escaped] = pass(bytes).split('\x1b');
      for (const rest of escaped) assert.match(rest, /^\[[\d;:]*[mKGABCDEFJ]/);
      assert.ok(!/[\u0080-\u009f]/.test(pass(bytes)) && !pass(bytes).includes('\x07'));
    }),
  );
});
