import { formatShortest } from './number.ts';

/** Sorts in place, ascending; NaN comes first, as Prometheus counts it as the smallest. */
export function sortFloats(values: Float64Array): Float64Array {
  values.sort();
  // The engine puts NaN last.
  let nans = 0;
  while (nans < values.length && Number.isNaN(values[values.length - 1 - nans])) nans += 1;
  if (nans > 0 && nans < values.length) {
    values.copyWithin(nans, 0, values.length - nans);
    values.fill(Number.NaN, 0, nans);
  }
  return values;
}

/** The quantile of sorted values by linear interpolation; ±Inf outside of 0..1, NaN for nothing. */
export function quantileOf(q: number, sorted: Float64Array): number {
  const count = sorted.length;
  if (count === 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  const rank = q * (count - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(count - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  return (sorted[lower] ?? 0) * (1 - weight) + (sorted[upper] ?? 0) * weight;
}

/** The note about a quantile that is none, or null. */
export function whyNoQuantile(q: number): string | null {
  return q >= 0 && q <= 1 ? null : `quantile value should be between 0 and 1, got ${formatShortest(q)}`;
}
