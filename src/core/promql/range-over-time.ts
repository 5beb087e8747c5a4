import { FLOAT } from './column.ts';
import { KahanSum } from './kahan.ts';
import { takeQuantile } from './quantile.ts';
import { noFloats, type RangeFunction, type RangeFunctionOf, type Window } from './window.ts';

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
export const quantileOverTime: RangeFunctionOf = () => {
  const copies = new Copies();
  return (window, step, params) => {
    if (!noFloats(window)) window.put(step, takeQuantile(params[0]?.[step] ?? 0, copies.of(window)));
  };
};

/** `mad_over_time`: the median of the distances from the median. */
export const madOverTime: RangeFunctionOf = () => {
  const copies = new Copies();
  return (window, step) => {
    if (!noFloats(window)) window.put(step, medianDistance(copies.of(window)));
  };
};

function medianDistance(values: Float64Array): number {
  const median = takeQuantile(0.5, values);
  // A value that is no number makes the median, and with it every distance, undefined; it stands first now.
  if (Number.isNaN(values[0])) return Number.NaN;
  for (let at = 0; at < values.length; at += 1) values[at] = Math.abs((values[at] as number) - median);
  return takeQuantile(0.5, values);
}

/** The numbers of one window after the other, in memory that is used again. */
class Copies {
  #room: Float64Array = new Float64Array(0);

  of({ series: { values }, low, high }: Window): Float64Array {
    const count = high - low;
    if (this.#room.length < count) this.#room = new Float64Array(count * 2);
    const copy = this.#room.subarray(0, count);
    copy.set(values.subarray(low, high));
    return copy;
  }
}
