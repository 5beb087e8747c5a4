import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { md5 } from './md5.ts';

test('the same digest as everybody, for texts of every length around a block', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      assert.equal(Buffer.from(md5(text)).toString('hex'), createHash('md5').update(text).digest('hex'));
    }),
  );
  for (let length = 50; length < 70; length += 1) {
    const text = 'x'.repeat(length);
    assert.equal(Buffer.from(md5(text)).toString('hex'), createHash('md5').update(text).digest('hex'));
  }
});
