import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparePositions, parseCursor, type Position } from './cursor.ts';
import { readPage, type Scan } from './list.ts';

/** A scan of moments from the newest down that looks at `stretch` entries in each step. */
function scanOf(moments: readonly number[], stretch: number, fits: (at: number) => boolean): Scan<Position> {
  const entries = moments.map((at): Position => ({ at, id: 'x' })).sort(comparePositions);
  return async (after, limit) => {
    const ahead = entries.filter((entry) => comparePositions(after, entry) < 0);
    const looked = ahead.slice(0, stretch);
    return {
      items: looked.filter((entry) => fits(entry.at)).slice(0, limit),
      reached: ahead.length > stretch ? (looked.at(-1) ?? null) : null,
    };
  };
}

async function pages(scans: readonly Scan<Position>[], length: number): Promise<readonly (readonly number[])[]> {
  const found: number[][] = [];
  for (let after = parseCursor(undefined); after !== null; ) {
    const page = await readPage(scans, { after, length, positionOf: (item) => item });
    found.push(page.items.map((item) => item.at));
    after = page.next === null ? null : parseCursor(page.next);
  }
  return found;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('readPage', () => {
  it('merges scans, newest first', async () => {
    const scans = [scanOf([1, 4, 5, 9], 100, () => true), scanOf([2, 3, 7], 100, () => true)];
    assert.deepEqual(await pages(scans, 3), [[9, 7, 5], [4, 3, 2], [1]]);
  });

  it('ends a page early when very much does not fit, and still loses nothing', async () => {
    const scans = [scanOf(upTo(1_000), 4, (at) => at % 300 === 0), scanOf(upTo(1_000), 10, (at) => at === 150 || at === 990)];
    const found = await pages(scans, 10);
    assert.deepEqual(found.flat(), [990, 900, 600, 300, 150, 0]);
    assert.ok(found.length > 3);
  });

  it('gives no cursor at the exact end', async () => {
    assert.deepEqual(await pages([scanOf([1, 2, 3], 100, () => true)], 3), [[3, 2, 1]]);
  });
});
