import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readEvents } from './read-events.ts';

async function* pieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function collect(bytes: Uint8Array, sizes: readonly number[]) {
  const events = [];
  for await (const event of readEvents(pieces(bytes, sizes))) events.push(event);
  return events;
}

test('events arrive whole, wherever the pieces of the stream begin', async () => {
  const text =
    ':beat\n\nretry: 1500\n\nid: 3\nevent: output\ndata: {"a":"ä"}\n\ndata: one\r\ndata:two\r\n\r\nevent: end\ndata: null\n\nevent: cut\ndata: x';
  const bytes = Buffer.from(text);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 30 }), async (sizes) => {
      const events = await collect(bytes, sizes);
      assert.deepEqual(events, [
        { name: 'output', data: '{"a":"ä"}' },
        { name: 'message', data: 'one\ntwo' },
        { name: 'end', data: 'null' },
      ]);
    }),
  );
});

test('a line without end is refused', async () => {
  await assert.rejects(collect(Buffer.alloc(5 << 20, 120), []), /too long/);
});
