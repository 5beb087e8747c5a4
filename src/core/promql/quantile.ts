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

/** So few are put in order one by one. */
const FEW = 24;

/** The quantile of values in any order, which are moved about. */
export function takeQuantile(q: number, values: Float64Array): number {
  const count = values.length;
  if (count === 0 || !(q >= 0 && q <= 1)) return quantileOf(q, values);
  const nans = nansFirst(values);
  const lower = Math.floor(q * (count - 1));
  if (lower >= nans) part(values, lower, nans);
  // The next one is the least of those behind.
  let upper = lower + 1;
  for (let at = upper + 1; at < count; at += 1) if ((values[at] as number) < (values[upper] as number)) upper = at;
  if (upper < count) swap(values, lower + 1, upper);
  return quantileOf(q, values);
}

/** Brings NaN to the front; how many there are. */
function nansFirst(values: Float64Array): number {
  let nans = 0;
  for (let at = 0; at < values.length; at += 1) {
    if (!Number.isNaN(values[at])) continue;
    swap(values, at, nans);
    nans += 1;
  }
  return nans;
}

/** Hoare's selection: afterwards the place holds what it would in sorted values, with nothing greater before it and nothing smaller behind. */
function part(values: Float64Array, wanted: number, from: number): void {
  let low = from;
  let high = values.length - 1;
  // Values that are arranged against the choice of the pivot are sorted after so many rounds.
  for (let rounds = 4 * Math.ceil(Math.log2(values.length)); high - low > FEW; rounds -= 1) {
    if (rounds === 0) {
      values.subarray(low, high + 1).sort();
      return;
    }
    const pivot = middleOf(values[low] as number, values[(low + high) >>> 1] as number, values[high] as number);
    let left = low;
    let right = high;
    while (left <= right) {
      while ((values[left] as number) < pivot) left += 1;
      while ((values[right] as number) > pivot) right -= 1;
      if (left > right) break;
      swap(values, left, right);
      left += 1;
      right -= 1;
    }
    if (wanted <= right) high = right;
    else if (wanted >= left) low = left;
    else return;
  }
  for (let at = low + 1; at <= high; at += 1) {
    const value = values[at] as number;
    let place = at;
    for (; place > low && (values[place - 1] as number) > value; place -= 1) values[place] = values[place - 1] as number;
    values[place] = value;
  }
}

function middleOf(a: number, b: number, c: number): number {
  return a < b ? (b < c ? b : Math.max(a, c)) : a < c ? a : Math.max(b, c);
}

function swap(values: Float64Array, a: number, b: number): void {
  const value = values[a] as number;
  values[a] = values[b] as number;
  values[b] = value;
}

/** The note about a quantile that is none, or null. */
export function whyNoQuantile(q: number): string | null {
  return q >= 0 && q <= 1 ? null : `quantile value should be between 0 and 1, got ${formatShortest(q)}`;
}
