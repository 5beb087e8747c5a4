import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteSink } from '../packed-ints.ts';
import { ALL_COLUMNS, RolledChunkDecoder, RolledChunkEncoder } from './rolled-chunk.ts';
import { ROLLED, ROLLED_COLUMNS, RolledRows } from './rolled-rows.ts';

const value = fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.double(), fc.constantFrom(Number.NaN, Infinity, -0));
const bucket = fc.record({
  values: fc.array(value, { minLength: ROLLED_COLUMNS, maxLength: ROLLED_COLUMNS }),
  flags: fc.nat(7),
  counter: fc.boolean(),
});

function rowsOf(buckets: readonly { readonly values: readonly number[]; readonly flags: number; readonly counter: boolean }[]): RolledRows {
  const rows = new RolledRows();
  rows.reserve(buckets.length);
  const isCounter = buckets.every(({ counter }) => counter);
  for (const [i, { values, flags }] of buckets.entries()) {
    rows.ends[i] = (i + 1) * 300_000;
    rows.flags[i] = flags;
    for (const [which, one] of values.entries()) rows.column(which)[i] = one;
    rows.column(ROLLED.count)[i] = i;
    if (isCounter) {
      rows.column(ROLLED.min)[i] = rows.column(ROLLED.first)[i] ?? 0;
      rows.column(ROLLED.max)[i] = rows.column(ROLLED.last)[i] ?? 0;
    }
  }
  rows.size = buckets.length;
  return rows;
}

test('buckets come out as they went in, all columns or some; damage is noticed or changes nothing else', () => {
  fc.assert(
    fc.property(
      fc.array(bucket, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 0, max: ALL_COLUMNS }),
      fc.nat(),
      (buckets, mask, at) => {
        const rows = rowsOf(buckets);
        const sink = new ByteSink();
        new RolledChunkEncoder().encode(rows, 0, rows.size, sink);
        const bytes = new Uint8Array(sink.at + 8);
        bytes.set(sink.bytes.subarray(0, sink.at));
        const out = new RolledRows(1);
        const range = { from: 0, to: sink.at, mask };
        assert.ok(new RolledChunkDecoder().decode(bytes, new DataView(bytes.buffer), range, out));
        assert.equal(out.size, rows.size);
        for (let row = 0; row < rows.size; row += 1) {
          assert.deepEqual([out.ends[row], out.flags[row]], [rows.ends[row], rows.flags[row]]);
          for (let which = 0; which < ROLLED_COLUMNS; which += 1)
            if (which === ROLLED.count || (mask & (1 << which)) !== 0)
              assert.ok(Object.is(out.column(which)[row], rows.column(which)[row]));
        }
        bytes[at % sink.at] = (bytes[at % sink.at] ?? 0) ^ 0xff;
        const size = out.size;
        const isTaken = new RolledChunkDecoder().decode(bytes, new DataView(bytes.buffer), range, out);
        assert.ok(isTaken || out.size === size);
      },
    ),
    { numRuns: 300 },
  );
});
