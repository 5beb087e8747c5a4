import type { Columns } from './columns.ts';
import type { SparePages } from './spare-pages.ts';

/** What became of one sample: added in order, added before others, there already, or against another value at its time. */
export type Appended = 'new' | 'late' | 'same' | 'contradicts';

/** Samples as columns. */
type SampleColumns = Pick<Columns, 'times' | 'values' | 'stale'>;

/** Slabs of a series that has few samples yet, and of one that has more. */
export const SLAB_SIZES = [8, 32] as const;
/** Slabs in one page of memory. */
const PAGE_SHIFT = 10;
const PAGE_SLABS = 1 << PAGE_SHIFT;
const PAGE_MASK = PAGE_SLABS - 1;
const LARGE = 1;

/**
 * Open chunks: slabs of 8 or 32 samples in pages of typed arrays, used again when they are closed. A slab's number is even for
 * a small one and odd for a large one. Times are kept as differences to the slab's base.
 */
export class SamplePool {
  private readonly classes: readonly [SlabClass, SlabClass];

  constructor(small: SparePages<SlabPage>, large: SparePages<SlabPage>) {
    this.classes = [new SlabClass(SLAB_SIZES[0], small), new SlabClass(SLAB_SIZES[1], large)];
  }

  /** Gives all memory back; there is no slab any more. */
  release(): void {
    for (const slabs of this.classes) slabs.release();
  }

  /** A fresh slab for samples around the time. */
  open(time: number): number {
    return this.classes[0].open(time) * 2;
  }

  close(slab: number): void {
    this.of(slab).close(slab >>> 1);
  }

  /** Must the slab be enlarged or sealed before this sample? */
  needsRoom(slab: number, time: number, spanLimit: number): boolean {
    const slabs = this.of(slab);
    const index = slab >>> 1;
    return slabs.counts[index] === slabs.size || !slabs.spans(index, time, spanLimit);
  }

  spans(slab: number, time: number, spanLimit: number): boolean {
    return this.of(slab).spans(slab >>> 1, time, spanLimit);
  }

  /** Is it a full slab of the largest size? */
  isFull(slab: number): boolean {
    return (slab & 1) === LARGE && this.classes[1].counts[slab >>> 1] === SLAB_SIZES[1];
  }

  /** How many samples the slab has. */
  count(slab: number): number {
    return this.of(slab).counts[slab >>> 1] ?? 0;
  }

  /** What `stale` says of the slab's last sample. */
  lastKind(slab: number): number {
    return this.of(slab).lastKind(slab >>> 1);
  }

  /** Moves a small slab into a large one. */
  enlarge(slab: number): number {
    const small = this.classes[0];
    const large = this.classes[1];
    const from = slab >>> 1;
    const to = large.open(small.bases[from] ?? 0);
    large.take(to, small, from);
    small.close(from);
    return to * 2 + LARGE;
  }

  /** Puts a sample into its place in the order of time; there is room for it. */
  add(slab: number, time: number, value: number, stale: number): Appended {
    return this.of(slab).add(slab >>> 1, time, value, stale);
  }

  /** Adds sample `i` of the columns behind all others of the slab; false, and nothing is added, where it does not fit there. */
  addNext(slab: number, { times, values, stale }: SampleColumns, i: number, spanLimit: number): boolean {
    const slabs = this.of(slab);
    const index = slab >>> 1;
    const count = slabs.counts[index] ?? 0;
    const page = slabs.pages[index >>> PAGE_SHIFT];
    if (page === undefined || count === slabs.size) return false;
    const at = (index & PAGE_MASK) * slabs.size + count;
    const offset = (times[i] ?? 0) - (slabs.bases[index] ?? 0);
    if (!(offset <= spanLimit && offset >= -spanLimit) || (count > 0 && (page.times[at - 1] ?? 0) >= offset)) return false;
    page.times[at] = offset;
    page.values[at] = values[i] ?? 0;
    page.stale[at] = stale[i] ?? 0;
    slabs.counts[index] = count + 1;
    return true;
  }

  /** Appends the slab's samples between the times. */
  read(slab: number, from: number, to: number, out: Columns): void {
    const slabs = this.of(slab);
    const index = slab >>> 1;
    const page = slabs.pages[index >>> PAGE_SHIFT];
    if (page === undefined) return;
    const start = (index & PAGE_MASK) * slabs.size;
    const base = slabs.bases[index] ?? 0;
    const count = slabs.counts[index] ?? 0;
    for (let i = start; i < start + count; i += 1) {
      const time = base + (page.times[i] ?? 0);
      if (time >= from && time <= to) out.add(time, page.values[i] ?? 0, page.stale[i] ?? 0);
    }
  }

  get memoryBytes(): number {
    return this.classes.reduce((sum, { pages, size, bases }) => sum + pages.length * slabPageBytes(size) + bases.length * 9, 0);
  }

  private of(slab: number): SlabClass {
    return this.classes[(slab & 1) as 0 | 1];
  }
}

/** Slabs of one size, in one piece of memory. */
export interface SlabPage {
  readonly times: Int32Array;
  readonly values: Float64Array;
  readonly stale: Uint8Array;
}

/** What a page of slabs of so many samples occupies. */
export function slabPageBytes(size: number): number {
  return PAGE_SLABS * size * 13;
}

/** A page of slabs of so many samples. */
export function newSlabPage(size: number): SlabPage {
  const room = PAGE_SLABS * size;
  const buffer = new ArrayBuffer(slabPageBytes(size));
  return {
    values: new Float64Array(buffer, 0, room),
    times: new Int32Array(buffer, room * 8, room),
    stale: new Uint8Array(buffer, room * 12, room),
  };
}

/** Slabs of one size. */
class SlabClass {
  pages: SlabPage[] = [];
  readonly size: number;
  bases: Float64Array = new Float64Array(PAGE_SLABS);
  counts: Uint8Array = new Uint8Array(PAGE_SLABS);
  private readonly free: number[] = [];
  private readonly spare: SparePages<SlabPage>;
  private made = 0;

  constructor(size: number, spare: SparePages<SlabPage>) {
    this.size = size;
    this.spare = spare;
  }

  release(): void {
    this.spare.give(this.pages);
    this.pages = [];
  }

  open(time: number): number {
    const index = this.free.pop() ?? this.make();
    this.bases[index] = time;
    this.counts[index] = 0;
    return index;
  }

  close(index: number): void {
    this.free.push(index);
  }

  spans(index: number, time: number, limit: number): boolean {
    return Math.abs(time - (this.bases[index] ?? 0)) <= limit;
  }

  add(index: number, time: number, value: number, stale: number): Appended {
    const page = this.pages[index >>> PAGE_SHIFT];
    if (page === undefined) return 'contradicts';
    const { times, values } = page;
    const start = (index & PAGE_MASK) * this.size;
    const count = this.counts[index] ?? 0;
    const offset = time - (this.bases[index] ?? 0);
    let at = start + count;
    while (at > start && (times[at - 1] ?? 0) >= offset) at -= 1;
    const last = start + count;
    if (at < last) {
      if (times[at] === offset) return this.compare(page, at, value, stale);
      times.copyWithin(at + 1, at, last);
      values.copyWithin(at + 1, at, last);
      page.stale.copyWithin(at + 1, at, last);
    }
    times[at] = offset;
    values[at] = value;
    page.stale[at] = stale;
    this.counts[index] = count + 1;
    return at < last ? 'late' : 'new';
  }

  lastKind(index: number): number {
    const last = (index % PAGE_SLABS) * this.size + (this.counts[index] ?? 0) - 1;
    return this.pages[Math.floor(index / PAGE_SLABS)]?.stale[last] ?? 0;
  }

  take(to: number, from: SlabClass, source: number): void {
    const page = this.pages[to >>> PAGE_SHIFT];
    const old = from.pages[source >>> PAGE_SHIFT];
    if (page === undefined || old === undefined) return;
    const start = (source & PAGE_MASK) * from.size;
    const count = from.counts[source] ?? 0;
    const at = (to & PAGE_MASK) * this.size;
    for (let i = 0; i < count; i += 1) {
      page.times[at + i] = old.times[start + i] ?? 0;
      page.values[at + i] = old.values[start + i] ?? 0;
      page.stale[at + i] = old.stale[start + i] ?? 0;
    }
    this.counts[to] = count;
  }

  private compare(page: SlabPage, at: number, value: number, stale: number): Appended {
    if (page.stale[at] !== stale) return 'contradicts';
    return stale === 1 || Object.is(page.values[at], value) ? 'same' : 'contradicts';
  }

  private make(): number {
    const index = this.made;
    this.made = index + 1;
    if (index % PAGE_SLABS === 0) this.pages.push(this.spare.take());
    if (index >= this.bases.length) {
      const bases = new Float64Array(index * 2);
      bases.set(this.bases);
      this.bases = bases;
      const counts = new Uint8Array(index * 2);
      counts.set(this.counts);
      this.counts = counts;
    }
    return index;
  }
}
