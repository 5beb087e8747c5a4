import type { Histogram } from './histogram.ts';
import { allBuckets } from './histogram-layout.ts';
import { formatShortest } from './number.ts';

/** A histogram as Prometheus prints it for people: `{count:2, sum:3, (0.5,1]:2}`. */
export function formatHistogram(histogram: Histogram): string {
  let text = `{count:${formatShortest(histogram.count)}, sum:${formatShortest(histogram.sum)}`;
  for (const { lower, upper, lowerInclusive, upperInclusive, count } of allBuckets(histogram)) {
    const open = lowerInclusive ? '[' : '(';
    const close = upperInclusive ? ']' : ')';
    text += `, ${open}${formatShortest(lower)},${formatShortest(upper)}${close}:${formatShortest(count)}`;
  }
  return `${text}}`;
}
