import { FLOAT } from './column.ts';
import { KahanSum } from './kahan.ts';
import { quantileOf, sortFloats, takeQuantile } from './quantile.ts';
import { noFloats, type RangeFunction, type Window } from './window.ts';

/** `count_over_time`. */
export const countOverTime: RangeFunction = (window, step) => window.put(step, window.floats + window.histograms);
/** `present_over_time` and the first half of `absent_over_time`. */
export const presentOverTime: RangeFunction = (window, step) => window.put(step, 1);

/** `ts_of_max_over_time`: when the largest value was last seen. */
export const tsOfMaxOverTime: RangeFunction = (window, step) => timeOfBest(window, step, (value, best) => value >= best);
/** `ts_of_min_over_time`: when the smallest value was last seen. */
export const tsOfMinOverTime: RangeFunction = (window, step) => timeOfBest(window, step, (value, best) => value <= best);

function timeOfBest(window: Window, step: number, better: (value: number, best: number) => boolean): void {
  if (noFloats(window)) return;
  const { times, values } = window.series;
  let best = window.low;
  for (let at = window.low; at < window.high; at += 1) {
    const value = values[best] as number;
    if (better(values[at] as number, value) || value !== value) best = at;
  }
  window.put(step, (times[best] as number) / 1000);
}

/** `first_over_time`. */
export const firstOverTime: RangeFunction = (window, step) => {
  const { series, low, histogramLow } = window;
  const histogram = window.histograms > 0 ? series.histograms[histogramLow] : undefined;
  if (histogram === undefined || (window.floats > 0 && (series.times[low] ?? 0) < (series.histogramTimes[histogramLow] ?? 0))) {
    window.put(step, series.values[low] ?? 0);
  } else {
    window.putHistogram(step, histogram);
  }
};

/** `last_over_time`. */
export const lastOverTime: RangeFunction = (window, step) => {
  const { series } = window;
  const last = window.high - 1;
  const histogram = window.histograms > 0 ? series.histograms[window.histogramHigh - 1] : undefined;
  if (
    histogram === undefined ||
    (window.floats > 0 && (series.histogramTimes[window.histogramHigh - 1] ?? 0) < (series.times[last] ?? 0))
  ) {
    window.column.values[step] = series.values[last] as number;
    window.column.present[step] = FLOAT;
  } else {
    window.putHistogram(step, histogram);
  }
};

/** `ts_of_first_over_time`. */
export const tsOfFirstOverTime: RangeFunction = (window, step) => {
  const { series, low, histogramLow } = window;
  const float = window.floats > 0 ? (series.times[low] ?? 0) : Number.POSITIVE_INFINITY;
  const histogram = window.histograms > 0 ? (series.histogramTimes[histogramLow] ?? 0) : Number.POSITIVE_INFINITY;
  window.put(step, Math.min(float, histogram) / 1000);
};

/** `ts_of_last_over_time`. */
export const tsOfLastOverTime: RangeFunction = (window, step) => {
  const { series } = window;
  const float = window.floats > 0 ? (series.times[window.high - 1] ?? 0) : 0;
  const histogram = window.histograms > 0 ? (series.histogramTimes[window.histogramHigh - 1] ?? 0) : 0;
  window.put(step, Math.max(float, histogram) / 1000);
};

/** `stdvar_over_time`. */
export const stdvarOverTime: RangeFunction = (window, step) => {
  if (!noFloats(window)) window.put(step, varianceOf(window));
};

/** `stddev_over_time`. */
export const stddevOverTime: RangeFunction = (window, step) => {
  if (!noFloats(window)) window.put(step, Math.sqrt(varianceOf(window)));
};

function varianceOf(window: Window): number {
  const { values } = window.series;
  const mean = new KahanSum();
  const squares = new KahanSum();
  let count = 0;
  for (let at = window.low; at < window.high; at += 1) {
    const value = values[at] as number;
    count += 1;
    const difference = value - (mean.sum + mean.compensation);
    mean.add(difference / count);
    squares.add(difference * (value - (mean.sum + mean.compensation)));
  }
  return (squares.sum + squares.compensation) / count;
}

/** `quantile_over_time`. */
export const quantileOverTime: RangeFunction = (window, step, params) => {
  if (noFloats(window)) return;
  const q = params[0]?.[step] ?? 0;
  window.put(step, takeQuantile(q, window.series.values.slice(window.low, window.high)));
};

/** `mad_over_time`: the median of the distances from the median. */
export const madOverTime: RangeFunction = (window, step) => {
  if (noFloats(window)) return;
  const values = sortFloats(window.series.values.slice(window.low, window.high));
  // A value that is no number makes the median, and with it every distance, undefined.
  if (Number.isNaN(values[0])) return window.put(step, Number.NaN);
  const median = quantileOf(0.5, values);
  for (const [index, value] of values.entries()) values[index] = Math.abs(value - median);
  window.put(step, quantileOf(0.5, sortFloats(values)));
};
