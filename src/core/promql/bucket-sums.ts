import type { Buckets } from './histogram.ts';

/** Sums of the counts of buckets, with the compensation of their rounding errors, as long as no other buckets come. */
export class BucketSums {
  private readonly index: Int32Array;
  private readonly sums: Float64Array;
  private readonly errors: Float64Array;
  /** The buckets that were added last, and the place of each here; null: they are the same. */
  private known: Int32Array;
  private places: Int32Array | null = null;

  /** Goes on from sums and their errors; the buckets of the errors are among those of the sums. */
  constructor(sum: Buckets, error: Buckets) {
    this.index = sum.index;
    this.known = sum.index;
    this.sums = sum.count.slice();
    this.errors = new Float64Array(this.sums.length);
    const places = placesOf(sum.index, error.index);
    for (const [i, count] of error.count.entries()) this.errors[places?.[i] ?? i] = count;
  }

  /** Are these buckets all among those here? Then counts of them can be added. */
  takes(index: Int32Array): boolean {
    if (index === this.known) return true;
    const places = placesOf(this.index, index);
    if (places === undefined) return false;
    this.known = index;
    this.places = places;
    return true;
  }

  /** Adds counts of the buckets that were asked for last. */
  add(count: Float64Array): void {
    const { sums, errors, places } = this;
    for (let i = 0; i < count.length; i += 1) {
      const at = places === null ? i : (places[i] as number);
      const before = sums[at] as number;
      const more = count[i] as number;
      const sum = before + more;
      const error = Math.abs(before) >= Math.abs(more) ? before - sum + more : more - sum + before;
      const total = (errors[at] as number) + error;
      sums[at] = sum;
      errors[at] = total - total === 0 ? total : 0;
    }
  }

  get sum(): Buckets {
    return { index: this.index, count: this.sums.slice() };
  }

  get error(): Buckets {
    return { index: this.index, count: this.errors.slice() };
  }
}

/** The place of each bucket among others; null when they are the same ones, undefined when one is not there. */
function placesOf(all: Int32Array, some: Int32Array): Int32Array | null | undefined {
  if (some === all) return null;
  const places = new Int32Array(some.length);
  let at = 0;
  for (let i = 0; i < some.length; i += 1) {
    while (at < all.length && (all[at] as number) < (some[i] as number)) at += 1;
    if (all[at] !== some[i]) return undefined;
    places[i] = at;
  }
  return some.length === all.length ? null : places;
}
