import { forMetric, IGNORED_IN_RANGE } from './annotations.ts';
import { KahanSum } from './kahan.ts';
import { formatNumber } from './number.ts';
import { QueryError } from './query-error.ts';
import type { RangeFunction, Window } from './window.ts';

/** Fewer than two numbers say nothing about a trend; notes histograms beside numbers. */
function tooFew(window: Window): boolean {
  if (window.floats > 0 && window.histograms > 0)
    window.evaluation.notes.info(IGNORED_IN_RANGE + forMetric(window.metric), window.vector.span);
  return window.floats < 2;
}

/** `deriv`: the slope per second of the straight line nearest to the samples. */
export const deriv: RangeFunction = (window, step) => {
  if (!tooFew(window)) window.put(step, regression(window, window.series.times[window.low] ?? 0).slope);
};

/** `predict_linear`: that line, so many seconds after the evaluation. */
export const predictLinear: RangeFunction = (window, step, params) => {
  if (tooFew(window)) return;
  const { slope, intercept } = regression(window, window.evaluation.time(step));
  window.put(step, slope * (params[0]?.[step] ?? 0) + intercept);
};

/** Least squares; the intercept is the line's value at the given time. */
function regression(window: Window, origin: number): { readonly slope: number; readonly intercept: number } {
  const { times, values } = window.series;
  const first = values[window.low] as number;
  const sums = { x: new KahanSum(), y: new KahanSum(), xy: new KahanSum(), xx: new KahanSum() };
  let constant = true;
  for (let at = window.low; at < window.high; at += 1) {
    const y = values[at] as number;
    const x = ((times[at] as number) - origin) / 1000;
    if (at > window.low && y !== first) constant = false;
    sums.x.add(x);
    sums.y.add(y);
    sums.xy.add(x * y);
    sums.xx.add(x * x);
  }
  if (constant) {
    return Math.abs(first) === Number.POSITIVE_INFINITY ? { slope: Number.NaN, intercept: Number.NaN } : { slope: 0, intercept: first };
  }
  const count = window.high - window.low;
  const x = sums.x.sum + sums.x.compensation;
  const y = sums.y.sum + sums.y.compensation;
  const covariance = sums.xy.sum + sums.xy.compensation - (x * y) / count;
  const variance = sums.xx.sum + sums.xx.compensation - (x * x) / count;
  const slope = covariance / variance;
  return { slope, intercept: y / count - (slope * x) / count };
}

/** `double_exponential_smoothing`: level and trend, both smoothed. */
export const doubleExponentialSmoothing: RangeFunction = (window, step, params) => {
  const smoothing = params[0]?.[step] ?? 0;
  const trending = params[1]?.[step] ?? 0;
  requireShare('smoothing', 'sf', smoothing);
  requireShare('trend', 'tf', trending);
  if (tooFew(window)) return;
  const { values } = window.series;
  let before = 0;
  let level = values[window.low] as number;
  let trend = (values[window.low + 1] as number) - level;
  for (let at = window.low + 1; at < window.high; at += 1) {
    if (at > window.low + 1) trend = trending * (level - before) + (1 - trending) * trend;
    const next = smoothing * (values[at] as number) + (1 - smoothing) * (level + trend);
    before = level;
    level = next;
  }
  window.put(step, level);
};

function requireShare(name: string, short: string, value: number): void {
  // What is no number passes, and makes the result none either.
  if (!(value <= 0 || value >= 1)) return;
  throw new QueryError(
    `invalid ${name} factor. Expected: 0 < ${short} < 1, got: ${Number.isFinite(value) ? value.toFixed(6) : formatNumber(value)}`,
  );
}
