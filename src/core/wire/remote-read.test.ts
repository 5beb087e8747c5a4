import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeReadRequest, encodeReadResponse } from './remote-read.ts';

const text = (tag: number, value: string): number[] => [tag, value.length, ...Buffer.from(value)];
const message = (tag: number, ...fields: number[]): number[] => [tag, fields.length, ...fields];

test('queries are read with their times, matchers and the answers that are taken', () => {
  const matcher = message(26, 8, 2, ...text(18, 'host'), ...text(26, 'a|b'));
  const equal = message(26, ...text(18, '__name__'), ...text(26, 'up'));
  // -1 as ten bytes.
  const before = [8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
  const bytes = Uint8Array.from([...message(10, ...before, 16, 200, 1, ...equal, ...matcher), 16, 1, 16, 0, ...message(18, 1, 7)]);
  assert.deepEqual(decodeReadRequest(bytes), {
    queries: [
      {
        start: -1,
        end: 200,
        matchers: [
          { name: '__name__', op: '=', value: 'up' },
          { name: 'host', op: '=~', value: 'a|b' },
        ],
      },
    ],
    accepted: ['streamed-xor-chunks', 'samples', 'streamed-xor-chunks', 'unknown'],
  });
  assert.deepEqual(decodeReadRequest(new Uint8Array(0)), { queries: [], accepted: [] });
  assert.equal(decodeReadRequest(Uint8Array.from(message(10, ...message(26, 8, 9)))), null, 'no such way to compare');
  assert.equal(decodeReadRequest(Uint8Array.from(Array.from({ length: 101 }, () => [10, 0]).flat())), null, 'too many queries');
});

test('any bytes are a request or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      decodeReadRequest(bytes);
    }),
  );
});

test('an answer has a result for each query', () => {
  const long = new Uint8Array(200).fill(1);
  assert.deepEqual(
    [...encodeReadResponse([[], [Uint8Array.of(5), Uint8Array.of(6, 7)], [long]])],
    [10, 0, 10, 3, 5, 6, 7, 10, 200, 1, ...long],
  );
});
