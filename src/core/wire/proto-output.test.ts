import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtoCursor } from './proto-cursor.ts';
import { ProtoOutput, varintSize } from './proto-output.ts';

test('whole numbers of any size are read back, in as many bytes as was said', () => {
  const edges = [7, 14, 21, 28, 31, 32, 35, 42, 49, 53].flatMap((bits) => [2 ** bits - 1, 2 ** bits - 2, -(2 ** bits) + 1]);
  const number = fc.oneof(fc.maxSafeInteger(), fc.nat(300), fc.constantFrom(0, 1, -1, ...edges));
  fc.assert(
    fc.property(fc.array(number.filter(Number.isSafeInteger), { minLength: 1 }), (numbers) => {
      const out = new ProtoOutput(1);
      let size = 0;
      for (const value of numbers) {
        out.varint(8);
        out.varint(value);
        size += 1 + varintSize(value);
      }
      assert.equal(out.size, size);
      const cursor = ProtoCursor.over(out.finish());
      for (const value of numbers) {
        assert.ok(cursor.next());
        assert.equal(cursor.int64(), value);
      }
      assert.ok(!cursor.next() && !cursor.bad);
    }),
    { numRuns: 300 },
  );
});
