import { type Buckets, type Histogram, NO_BUCKETS } from './histogram.ts';
import { reduceSchema, raiseZeroThreshold, toBounds, usesCustomBuckets } from './histogram-layout.ts';
import { BucketSums } from './bucket-sums.ts';
import { addHistograms, alignHistograms, combineHints, divideHistogram, sameNumbers, scaleHistogram } from './histogram-math.ts';

/** What became of adding a histogram to a sum. */
export type Added = 'added' | 'incompatible';

/** A sum of histograms that compensates rounding errors in every count, and remembers which hints and layouts it met. */
export class HistogramSum {
  #sum: Histogram;
  #error: Histogram;
  /** What was added since, as long as all had the same layout: `#sum` and `#error` are then behind. */
  #open: OpenSum | null = null;
  #reset: boolean;
  #notReset: boolean;
  /** Listed bounds differed and were intersected. */
  reconciled = false;

  constructor(first: Histogram) {
    this.#sum = first;
    this.#error = { ...first, zeroCount: 0, count: 0, sum: 0, positive: NO_BUCKETS, negative: NO_BUCKETS };
    this.#reset = first.hint === 'reset';
    this.#notReset = first.hint === 'not-reset';
  }

  copy(): HistogramSum {
    this.#settle();
    const copy = new HistogramSum(this.#sum);
    copy.#error = this.#error;
    copy.#reset = this.#reset;
    copy.#notReset = this.#notReset;
    copy.reconciled = this.reconciled;
    return copy;
  }

  /** Resets and non-resets were added up: the hints contradict each other. */
  get collision(): boolean {
    return this.#reset && this.#notReset;
  }

  add(term: Histogram): Added {
    this.#reset ||= term.hint === 'reset';
    this.#notReset ||= term.hint === 'not-reset';
    if (this.#addAlike(term)) return 'added';
    this.#settle();
    const aligned = alignHistograms(this.#sum, term);
    if (aligned === null) return 'incompatible';
    this.reconciled ||= aligned.reconciled;
    const { left, right } = aligned;
    const error = likeLayout(this.#error, left);
    const zero = twoSum(left.zeroCount, right.zeroCount);
    const count = twoSum(left.count, right.count);
    const sum = twoSum(left.sum, right.sum);
    const positive = addBuckets(left.positive, right.positive, error.positive);
    const negative = addBuckets(left.negative, right.negative, error.negative);
    const { hint } = combineHints(this.#sum.hint, term.hint);
    this.#sum = { ...left, hint, zeroCount: zero.sum, count: count.sum, sum: sum.sum, positive: positive.sum, negative: negative.sum };
    this.#error = {
      ...error,
      zeroCount: keep(error.zeroCount + zero.error),
      count: keep(error.count + count.error),
      sum: keep(error.sum + sum.error),
      positive: positive.error,
      negative: negative.error,
    };
    return 'added';
  }

  /** Multiplies what was added so far. */
  scale(factor: number): void {
    this.#settle();
    this.#sum = scaleHistogram(this.#sum, factor);
    this.#error = scaleHistogram(this.#error, factor);
  }

  get overflows(): boolean {
    this.#settle();
    const { count, sum, zeroCount, positive, negative } = this.#sum;
    const infinite = (value: number): boolean => Math.abs(value) === Number.POSITIVE_INFINITY;
    return [count, sum, zeroCount].some(infinite) || positive.count.some(infinite) || negative.count.some(infinite);
  }

  get total(): Histogram {
    this.#settle();
    return { ...(addHistograms(this.#sum, this.#error)?.value ?? this.#sum), hint: this.#sum.hint };
  }

  /** The total divided. */
  dividedBy(divisor: number): Histogram {
    this.#settle();
    const sum = divideHistogram(this.#sum, divisor);
    const error = divideHistogram(this.#error, divisor);
    return { ...(addHistograms(sum, error)?.value ?? sum), hint: this.#sum.hint };
  }

  /** Adds a histogram of the same layout, with no buckets but those that are there; false when it is another one. */
  #addAlike(term: Histogram): boolean {
    const sum = this.#sum;
    if (term.schema !== sum.schema || term.zeroThreshold !== sum.zeroThreshold || !hasBoundsOf(term, sum)) return false;
    const open = (this.#open ??= openSum(sum, this.#error));
    if (!open.positive.takes(term.positive.index) || !open.negative.takes(term.negative.index)) return false;
    open.positive.add(term.positive.count);
    open.negative.add(term.negative.count);
    const zero = twoSum(open.zeroCount, term.zeroCount);
    const count = twoSum(open.count, term.count);
    const total = twoSum(open.sum, term.sum);
    open.zeroError = keep(open.zeroError + zero.error);
    open.countError = keep(open.countError + count.error);
    open.sumError = keep(open.sumError + total.error);
    open.zeroCount = zero.sum;
    open.count = count.sum;
    open.sum = total.sum;
    if (term.hint !== sum.hint) this.#sum = { ...sum, hint: combineHints(sum.hint, term.hint).hint };
    return true;
  }

  #settle(): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    const { zeroCount, zeroError, count, countError, sum, sumError, positive, negative } = open;
    this.#sum = { ...this.#sum, zeroCount, count, sum, positive: positive.sum, negative: negative.sum };
    this.#error = {
      ...this.#error,
      zeroCount: zeroError,
      count: countError,
      sum: sumError,
      positive: positive.error,
      negative: negative.error,
    };
  }
}

function hasBoundsOf(a: Histogram, b: Histogram): boolean {
  return a.customValues === b.customValues || sameNumbers(a.customValues, b.customValues);
}

function openSum(sum: Histogram, error: Histogram): OpenSum {
  return {
    zeroCount: sum.zeroCount,
    zeroError: error.zeroCount,
    count: sum.count,
    countError: error.count,
    sum: sum.sum,
    sumError: error.sum,
    positive: new BucketSums(sum.positive, error.positive),
    negative: new BucketSums(sum.negative, error.negative),
  };
}

/** Sums that are carried on in place. */
interface OpenSum {
  zeroCount: number;
  zeroError: number;
  count: number;
  countError: number;
  sum: number;
  sumError: number;
  readonly positive: BucketSums;
  readonly negative: BucketSums;
}

/** The mean of histograms; falls back to a mean that is carried along where the sum would overflow. */
export class HistogramMean {
  #sum: HistogramSum;
  #count = 1;
  #incremental = false;
  /** No count of the sum is larger. */
  #bound: number;

  constructor(first: Histogram) {
    this.#sum = new HistogramSum(first);
    this.#bound = largestOf(first);
  }

  get collision(): boolean {
    return this.#sum.collision;
  }

  get reconciled(): boolean {
    return this.#sum.reconciled;
  }

  add(term: Histogram): Added {
    this.#count += 1;
    this.#bound += largestOf(term);
    if (this.#bound < SAFE) return this.#sum.add(term);
    if (!this.#incremental) {
      const next = this.#sum.copy();
      const added = next.add(term);
      if (added === 'incompatible' || !next.overflows) {
        this.#sum = next;
        return added;
      }
      this.#incremental = true;
      this.#sum.scale(1 / (this.#count - 1));
    }
    this.#sum.scale((this.#count - 1) / this.#count);
    return this.#sum.add(divideHistogram(term, this.#count));
  }

  get mean(): Histogram {
    return this.#incremental ? this.#sum.total : this.#sum.dividedBy(this.#count);
  }
}

/** What is below does not overflow. */
const SAFE = 1e300;

function largestOf({ count, sum, zeroCount, positive, negative }: Histogram): number {
  let largest = Math.max(Math.abs(count), Math.abs(sum), Math.abs(zeroCount));
  for (const { count: counts } of [positive, negative]) {
    for (let i = 0; i < counts.length; i += 1) largest = Math.max(largest, Math.abs(counts[i] as number));
  }
  return largest;
}

function likeLayout(histogram: Histogram, model: Histogram): Histogram {
  if (usesCustomBuckets(model)) return histogram.customValues === model.customValues ? histogram : toBounds(histogram, model.customValues);
  return reduceSchema(raiseZeroThreshold(histogram, model.zeroThreshold), model.schema);
}

function twoSum(a: number, b: number): { readonly sum: number; readonly error: number } {
  const sum = a + b;
  return { sum, error: Math.abs(a) >= Math.abs(b) ? a - sum + b : b - sum + a };
}

function keep(error: number): number {
  return Number.isFinite(error) ? error : 0;
}

function addBuckets(left: Buckets, right: Buckets, error: Buckets): { readonly sum: Buckets; readonly error: Buckets } {
  const index = new Map<number, number>();
  const errors = new Map<number, number>();
  for (const [at, bucket] of left.index.entries()) index.set(bucket, left.count[at] ?? 0);
  for (const [at, bucket] of error.index.entries()) errors.set(bucket, error.count[at] ?? 0);
  for (const [at, bucket] of right.index.entries()) {
    const result = twoSum(index.get(bucket) ?? 0, right.count[at] ?? 0);
    index.set(bucket, result.sum);
    errors.set(bucket, keep((errors.get(bucket) ?? 0) + result.error));
  }
  return { sum: fromMap(index), error: fromMap(errors) };
}

function fromMap(counts: ReadonlyMap<number, number>): Buckets {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return { index: Int32Array.from(sorted, ([bucket]) => bucket), count: Float64Array.from(sorted, ([, count]) => count) };
}
