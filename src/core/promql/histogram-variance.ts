import type { Histogram } from './histogram.ts';
import { allBuckets, usesCustomBuckets } from './histogram-layout.ts';
import { KahanSum } from './kahan.ts';

/** The estimated variance of the observations: each bucket stands for its middle (arithmetic for listed bounds, else geometric). */
export function histogramVariance(histogram: Histogram): number {
  const mean = histogram.sum / histogram.count;
  const squares = new KahanSum();
  for (const { lower, upper, count } of allBuckets(histogram)) {
    let middle = 0;
    if (usesCustomBuckets(histogram)) middle = (upper + lower) / 2;
    else if (lower > 0 || upper < 0) middle = Math.sign(upper) * Math.sqrt(upper * lower);
    const difference = middle - mean;
    squares.add(count * difference * difference);
  }
  return (squares.sum + squares.compensation) / histogram.count;
}
