import { type Buckets, type Histogram, NO_BUCKETS } from './histogram.ts';
import { reduceSchema, raiseZeroThreshold, toBounds, usesCustomBuckets } from './histogram-layout.ts';
import { addHistograms, alignHistograms, combineHints, divideHistogram, scaleHistogram } from './histogram-math.ts';

/** What became of adding a histogram to a sum. */
export type Added = 'added' | 'incompatible';

/** A sum of histograms that compensates rounding errors in every count, and remembers which hints and layouts it met. */
export class HistogramSum {
  #sum: Histogram;
  #error: Histogram;
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
    this.#sum = scaleHistogram(this.#sum, factor);
    this.#error = scaleHistogram(this.#error, factor);
  }

  get overflows(): boolean {
    const { count, sum, zeroCount, positive, negative } = this.#sum;
    const infinite = (value: number): boolean => Math.abs(value) === Number.POSITIVE_INFINITY;
    return [count, sum, zeroCount].some(infinite) || positive.count.some(infinite) || negative.count.some(infinite);
  }

  get total(): Histogram {
    return { ...(addHistograms(this.#sum, this.#error)?.value ?? this.#sum), hint: this.#sum.hint };
  }

  /** The total divided. */
  dividedBy(divisor: number): Histogram {
    const sum = divideHistogram(this.#sum, divisor);
    const error = divideHistogram(this.#error, divisor);
    return { ...(addHistograms(sum, error)?.value ?? sum), hint: this.#sum.hint };
  }
}

/** The mean of histograms; falls back to a mean that is carried along where the sum would overflow. */
export class HistogramMean {
  #sum: HistogramSum;
  #count = 1;
  #incremental = false;

  constructor(first: Histogram) {
    this.#sum = new HistogramSum(first);
  }

  get collision(): boolean {
    return this.#sum.collision;
  }

  get reconciled(): boolean {
    return this.#sum.reconciled;
  }

  add(term: Histogram): Added {
    this.#count += 1;
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
