import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

test('texts become the bytes that the platform makes of them, and come back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const bytes = encodeUtf8(text);
      assert.deepEqual(Buffer.from(bytes), Buffer.from(new TextEncoder().encode(text)));
      assert.equal(decodeUtf8(bytes, 0, bytes.length), new TextDecoder().decode(bytes));
    }),
    { numRuns: 1_000 },
  );
  const long = 'ä€😀'.repeat(5_000);
  assert.equal(decodeUtf8(encodeUtf8(long), 0, encodeUtf8(long).length), long);
});

test('bytes are valid exactly when the platform says so', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const platform = (bytes: Uint8Array): string | null => {
    try {
      return strict.decode(bytes);
    } catch {
      return null;
    }
  };
  const nearly = fc.array(
    fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xa0, 0x9f, 0xef, 0xf0, 0x90, 0x8f, 0xf4, 0xf5, 0xff),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        nearly.map((bytes) => Uint8Array.from(bytes)),
        fc.uint8Array({ maxLength: 12 }),
      ),
      (bytes) => {
        assert.equal(decodeUtf8(bytes, 0, bytes.length), platform(bytes));
      },
    ),
    { numRuns: 5_000 },
  );
});
