import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Columns } from './columns.ts';
import { Memtable } from './memtable.ts';
import { MemtablePages } from './memtable-pages.ts';

const SERIES = 3_000;

function filled(pages: MemtablePages, samples: number, value: (ref: number, i: number) => number): Memtable {
  const memtable = new Memtable(pages);
  memtable.reserve(SERIES);
  for (let i = 0; i < samples; i += 1) for (let ref = 0; ref < SERIES; ref += 1) memtable.append(ref, 1_000 + i * 15, value(ref, i), 0);
  return memtable;
}

function valuesOf(memtable: Memtable, ref: number): number[] {
  const out = new Columns();
  memtable.read(ref, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, out);
  return [...out.values.subarray(0, out.size)];
}

test('a memtable in the memory of another holds its own samples only, and takes no more memory', () => {
  const pages = new MemtablePages();
  const first = filled(pages, 75, (ref, i) => ref + i / 8);
  const took = first.memoryBytes;
  first.release();
  assert.ok(pages.memoryBytes > took * 0.8, `${pages.memoryBytes} of ${took} bytes wait for the next`);
  const second = filled(pages, 75, (ref, i) => ref * 2 - i);
  for (const ref of [0, 1, 1_500, SERIES - 1]) {
    assert.deepEqual(
      valuesOf(second, ref),
      Array.from({ length: 75 }, (_, i) => ref * 2 - i),
    );
  }
  assert.ok(pages.memoryBytes + second.memoryBytes < took * 1.1, 'no page was made anew');
});

test('pages that nobody takes are let go: what waits is never more than one memtable gave back', () => {
  const pages = new MemtablePages();
  const large = filled(pages, 40, (ref) => ref);
  const small = new Memtable(pages);
  small.reserve(1);
  small.append(0, 1_000, 1, 0);
  const took = small.memoryBytes;
  large.release();
  small.release();
  assert.ok(pages.memoryBytes <= took, `${pages.memoryBytes} bytes are kept, the last memtable had ${took}`);
});
