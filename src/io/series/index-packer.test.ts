import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { ByteSink } from '../../core/series/packed-ints.ts';
import { IndexPacker } from './index-packer.ts';

async function packed(lines: readonly Buffer[]): Promise<Buffer> {
  const sink = new ByteSink();
  const packer = new IndexPacker(sink);
  try {
    for (const line of lines) {
      sink.raw(line);
      const packing = packer.look();
      if (packing !== null) await packing;
    }
    return await packer.finish();
  } finally {
    packer.release();
  }
}

for (const count of [0, 1, 1_000, 60_000]) {
  test(`an index of ${count} series is the same after it was packed piece by piece`, async () => {
    const lines = Array.from({ length: count }, (_, i) => Buffer.from(`series ${i} of host-${i % 97}, at ${i * 15_000}\n`));
    const whole = Buffer.concat(lines);
    const bytes = await packed(lines);
    assert.deepEqual(zstdDecompressSync(bytes), whole);
    if (count > 1) assert.ok(bytes.length < whole.length / 3);
  });
}

test('a packer that is given up says so to who waits for it, and to nobody else', async () => {
  const sink = new ByteSink();
  const packer = new IndexPacker(sink);
  sink.raw(Buffer.alloc(1 << 19, 'a'));
  await packer.look();
  packer.release();
  sink.raw(Buffer.alloc(1 << 19, 'b'));
  await assert.rejects(packer.finish());
});
