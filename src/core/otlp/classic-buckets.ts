import type { HistogramPoint } from './otlp-request.ts';

/** Upper bounds in ascending order, the last one +Inf, and how many values lie below each or at it. */
export interface ClassicBuckets {
  readonly bounds: readonly number[];
  readonly cumulative: readonly number[];
}

/** A histogram with explicit bounds; null: its counts and bounds do not fit together. */
export function explicitBuckets({ counts, bounds, count }: HistogramPoint): ClassicBuckets | null {
  if (counts.length === 0 && bounds.length === 0) return { bounds: [Number.POSITIVE_INFINITY], cumulative: [count] };
  if (counts.length !== bounds.length + 1) return null;
  const cumulative: number[] = [];
  let sum = 0;
  for (const [index, each] of counts.entries()) {
    const before = bounds[index - 1];
    const bound = bounds[index];
    if (before !== undefined && bound !== undefined && !(bound > before)) return null;
    sum += each;
    cumulative.push(sum);
  }
  const hasInfinity = bounds.at(-1) === Number.POSITIVE_INFINITY;
  if (hasInfinity) return { bounds, cumulative: [...cumulative.slice(0, -2), sum] };
  return { bounds: [...bounds, Number.POSITIVE_INFINITY], cumulative };
}
