import { forMetric, MIXED } from './annotations.ts';
import { averageHistograms, sumHistograms } from './range-histogram.ts';
import { RunningMean } from './running-mean.ts';
import type { RangeFunctionOf, Window } from './window.ts';

/** How many samples are summed up once for all windows that contain them. */
const BLOCK = 64;
/** From this many samples on a window is summed up by blocks. */
const LONG = 4 * BLOCK;

/** `sum_over_time`. */
export const sumOverTime: RangeFunctionOf = () => {
  const sums = new BlockSums();
  return (window, step) => {
    if (refuseMixed(window)) return;
    if (window.floats === 0) sumHistograms(window, step);
    else window.put(step, sums.of(window));
  };
};

/** `avg_over_time`: the sum divided by the count, or, where the sum would overflow, the mean carried along. */
export const avgOverTime: RangeFunctionOf = () => {
  const sums = new BlockSums();
  return (window, step) => {
    if (refuseMixed(window)) return;
    if (window.floats === 0) return averageHistograms(window, step);
    const sum = sums.of(window);
    window.put(step, sum - sum === 0 ? sums.dividedBy(window.floats) : carriedMean(window));
  };
};

function carriedMean(window: Window): number {
  const { values } = window.series;
  const mean = new RunningMean();
  for (let at = window.low; at < window.high; at += 1) mean.add(values[at] as number);
  return mean.mean;
}

/** True, with a note, when the window holds both kinds of samples, which cannot be added. */
export function refuseMixed(window: Window): boolean {
  if (!window.mixed) return false;
  window.evaluation.notes.warn(MIXED + forMetric(window.metric), window.vector.span);
  return true;
}

/**
 * Sums of windows of one series, with the compensation of Kahan and Neumaier. Long windows take whole blocks at once; each block keeps
 * its compensation, so nothing is lost by that.
 */
class BlockSums {
  #sums: Float64Array | null = null;
  #compensations = new Float64Array(0);
  #sum = 0;
  #compensation = 0;

  of(window: Window): number {
    const { low, high } = window;
    const { values } = window.series;
    this.#sum = 0;
    this.#compensation = 0;
    if (high - low < LONG || window.evaluation.steps === 1) {
      this.#addSamples(values, low, high);
    } else {
      this.#sums ??= this.#prepare(values);
      const firstBlock = Math.ceil(low / BLOCK);
      const lastBlock = Math.floor(high / BLOCK);
      this.#addSamples(values, low, firstBlock * BLOCK);
      for (let block = firstBlock; block < lastBlock; block += 1) {
        this.#add(this.#sums[block] as number);
        this.#compensation += this.#compensations[block] as number;
      }
      this.#addSamples(values, lastBlock * BLOCK, high);
      if (this.#compensation - this.#compensation !== 0) this.#compensation = 0;
    }
    return this.#sum - this.#sum === 0 ? this.#sum + this.#compensation : this.#sum;
  }

  /** The last sum divided; the compensation on its own, so that nothing of it is lost. */
  dividedBy(count: number): number {
    return this.#sum / count + this.#compensation / count;
  }

  #prepare(values: Float64Array): Float64Array {
    const blocks = Math.floor(values.length / BLOCK);
    const sums = new Float64Array(blocks);
    this.#compensations = new Float64Array(blocks);
    for (let block = 0; block < blocks; block += 1) {
      this.#sum = 0;
      this.#compensation = 0;
      this.#addSamples(values, block * BLOCK, (block + 1) * BLOCK);
      sums[block] = this.#sum;
      this.#compensations[block] = this.#compensation;
    }
    this.#sum = 0;
    this.#compensation = 0;
    return sums;
  }

  #addSamples(values: Float64Array, from: number, to: number): void {
    let sum = this.#sum;
    let compensation = this.#compensation;
    for (let at = from; at < to; at += 1) {
      const term = values[at] as number;
      const total = sum + term;
      if (total - total !== 0) compensation = 0;
      else if (Math.abs(sum) >= Math.abs(term)) compensation += sum - total + term;
      else compensation += term - total + sum;
      sum = total;
    }
    this.#sum = sum;
    this.#compensation = compensation;
  }

  #add(term: number): void {
    const total = this.#sum + term;
    if (total - total !== 0) this.#compensation = 0;
    else if (Math.abs(this.#sum) >= Math.abs(term)) this.#compensation += this.#sum - total + term;
    else this.#compensation += term - total + this.#sum;
    this.#sum = total;
  }
}
