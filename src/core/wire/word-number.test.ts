import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSampleValue } from './exposition.ts';
import { encodeUtf8 } from './utf8.ts';
import { WordNumber } from './word-number.ts';

const digits = fc.stringMatching(/^[+-]?\d{0,19}\.?\d{0,19}([eE][+-]?\d{0,4})?$/);
const odd = fc.constantFrom(
  '',
  '-',
  '.',
  '-.',
  '1.',
  '.5',
  '1e',
  '1e+',
  'e5',
  '--1',
  '1.2.3',
  'NaN',
  '-Inf',
  '+Inf',
  'inf',
  '0x10',
  '1_0',
  '-0',
);
const double = fc.double().map((value) => (Number.isFinite(value) ? String(value) : 'NaN'));
const goDouble = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((value) => value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2'));

test('a number in bytes is what its text is', () => {
  fc.assert(
    fc.property(fc.oneof(digits, odd, double, goDouble), fc.constantFrom(' ', '\n', '\t', '\r', '', ' x'), (text, after) => {
      const reading = new WordNumber(encodeUtf8(`ab${text}${after}`));
      assert.ok(Object.is(reading.read(2), parseSampleValue(text)), text);
      assert.equal(reading.end, 2 + text.length, text);
    }),
    { numRuns: 20_000 },
  );
});
