import type { Page } from '../../core/change/change.ts';
import { comparePositions, formatCursor, type Position } from './cursor.ts';

/** Steps of a scan for one page; then it ends short, and its cursor goes on from there. */
const STEPS = 50;

/** One step of a scan: a bounded piece of work, so that it never holds up the loop. */
interface Stretch<T> {
  readonly items: readonly T[];
  /** How far it was looked; null: to the end. */
  readonly reached: Position | null;
}

/** A list that is read from the newest to the oldest along an index. Gives at most `limit` items that come after the position. */
export type Scan<T> = (after: Position, limit: number) => Promise<Stretch<T>>;

interface Wanted<T> {
  readonly after: Position;
  readonly length: number;
  readonly positionOf: (item: T) => Position;
}

/** One page of several scans of disjoint sets, merged. */
export async function readPage<T>(scans: readonly Scan<T>[], wanted: Wanted<T>): Promise<Page<T>> {
  const { length, positionOf } = wanted;
  const found: Stretch<T>[] = [];
  for (const scan of scans) found.push(await readScan(scan, wanted));
  // Beyond the nearest end of a scan that stopped early there may be more of it.
  let end: Position | null = null;
  for (const { reached } of found) if (reached !== null && (end === null || comparePositions(reached, end) < 0)) end = reached;
  const nearest = end;
  const items = found
    .flatMap((one) => one.items)
    .filter((item) => nearest === null || comparePositions(positionOf(item), nearest) <= 0)
    .sort((a, b) => comparePositions(positionOf(a), positionOf(b)));
  const last = items[length - 1];
  if (last !== undefined && items.length > length) return { items: items.slice(0, length), next: formatCursor(positionOf(last)) };
  return { items, next: nearest === null ? null : formatCursor(nearest) };
}

/** As much of one scan as the page and one item more may need. */
async function readScan<T>(scan: Scan<T>, { after, length }: Wanted<T>): Promise<Stretch<T>> {
  const items: T[] = [];
  let reached = after;
  for (let steps = 0; steps < STEPS; steps += 1) {
    const stretch = await scan(reached, length + 1 - items.length);
    items.push(...stretch.items);
    if (stretch.reached === null) return { items, reached: null };
    reached = stretch.reached;
    if (items.length > length) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { items, reached };
}
