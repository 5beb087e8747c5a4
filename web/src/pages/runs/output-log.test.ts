import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OutputLog } from './output-log.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (log: OutputLog): string[] => log.lines.map((line) => line.text);

test('lines come out as they were written, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (raw, cuts) => {
      const text = raw.replaceAll('\r', '').replaceAll('\u001B', '').replaceAll('\uFEFF', '').replaceAll(' ', '\n');
      const all = bytes(text);
      const log = new OutputLog();
      for (let at = 0, i = 0; at < all.length; i++) {
        const size = cuts[i % cuts.length] ?? 1;
        assert.ok(log.append('stdout', at, all.subarray(at, at + size)));
        at += size;
      }
      assert.equal(texts(log).join('\n'), text.replace(/\n$/, ''));
      assert.equal(log.bytes, all.length);
    }),
  );
});

test('a character cut in two survives words of the other stream in between', () => {
  const log = new OutputLog();
  const euro = bytes('€');
  log.append('stdout', 0, euro.subarray(0, 1));
  log.append('stderr', 1, bytes('warn\n'));
  log.append('stdout', 6, euro.subarray(1));
  log.append('stdout', 8, bytes(' paid\n'));
  assert.deepEqual(
    log.lines.map(({ stream, text }) => [stream, text]),
    [
      ['stderr', 'warn'],
      ['stdout', '€ paid'],
    ],
  );
});

test('a repeated chunk adds nothing, an overlapping one only what is new, a gap is refused', () => {
  const log = new OutputLog();
  log.append('stdout', 0, bytes('abc'));
  assert.equal(log.append('stdout', 0, bytes('abc')), false);
  assert.equal(log.append('stdout', 1, bytes('bcdef')), true);
  assert.equal(log.append('stdout', 99, bytes('x')), false);
  assert.deepEqual(texts(log), ['abcdef']);
  assert.equal(log.bytes, 6);
});

test('a progress bar rewrites its line, CRLF ends one', () => {
  const log = new OutputLog();
  log.append('stdout', 0, bytes('10 %\r50 %\r'));
  log.append('stdout', 10, bytes('100 %\r\ndone\r'));
  log.append('stdout', 22, bytes('\nnext'));
  assert.deepEqual(texts(log), ['100 %', 'done', 'next']);
});

test('a colour goes on in the next line until it is reset', () => {
  const log = new OutputLog();
  log.append('stdout', 0, bytes('\u001B[31mred\nstill\u001B[0m\nplain\n'));
  assert.deepEqual(
    log.lines.map((line) => line.style),
    ['', '\u001B[31m', ''],
  );
});

test('a line without end is cut, and very long output drops its beginning', () => {
  const log = new OutputLog();
  log.append('stdout', 0, bytes('x'.repeat(10_000)));
  assert.deepEqual(
    texts(log).map((text) => text.length),
    [4000, 4000, 2000],
  );
  const lines = bytes('y\n'.repeat(100_000));
  for (let i = 0; i < 3; i++) log.append('stdout', log.bytes, lines);
  assert.ok(log.lines.length <= 200_000 && log.dropped > 0);
  assert.equal(log.lines.at(-1)?.number, log.dropped + log.lines.length);
});
