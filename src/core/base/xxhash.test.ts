import assert from 'node:assert/strict';
import test from 'node:test';
import { utf8Bytes } from './utf8.ts';
import { xxHash64 } from './xxhash.ts';

test('gives the hashes that everybody gives', () => {
  const known = {
    '': 'ef46db3751d8e999',
    a: 'd24ec4f1a98c6e5b',
    abc: '44bc2cf5ad770999',
    asdf: '415872f599cea71e',
    'Call me Ishmael. Some years ago--never mind how long precisely-': '02a2e85470d6fd96',
  };
  for (const [text, hash] of Object.entries(known)) {
    assert.equal(
      xxHash64(Uint8Array.from(utf8Bytes(text)))
        .toString(16)
        .padStart(16, '0'),
      hash,
      text,
    );
  }
});

test('a part of a larger buffer counts alone', () => {
  const text = Uint8Array.from(utf8Bytes('xxabcxx'));
  assert.equal(xxHash64(text.subarray(2, 5)), 0x44bc2cf5ad770999n);
});
