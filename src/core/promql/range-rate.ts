import { forMetric, MIXED } from './annotations.ts';
import { extrapolationFactor, noteOverlap, type RateKind } from './extrapolation.ts';
import { extendedRate } from './range-extended.ts';
import { histogramDelta, histogramIncrease } from './range-histogram.ts';
import { isStartReset, startsOverlap } from './start-time.ts';
import type { RangeFunction, Window } from './window.ts';

const RATE: RateKind = { counter: true, perSecond: true };
const INCREASE: RateKind = { counter: true, perSecond: false };
const DELTA: RateKind = { counter: false, perSecond: false };

/** `rate`: per-second increase of a counter, extrapolated to the edges of the window. */
export const rate: RangeFunction = (window, step) => extrapolate(window, step, RATE);
/** `increase`: like `rate`, over the whole window. */
export const increase: RangeFunction = (window, step) => extrapolate(window, step, INCREASE);
/** `delta`: difference of a gauge over the window, extrapolated to its edges. */
export const delta: RangeFunction = (window, step) => extrapolate(window, step, DELTA);

function extrapolate(window: Window, step: number, kind: RateKind): void {
  if (window.mixed) {
    window.evaluation.notes.warn(MIXED + forMetric(window.metric), window.vector.span);
  } else if (window.vector.edges !== 'plain') {
    extendedRate(window, step, kind);
  } else if (window.histograms > 0) {
    histogramIncrease(window, step, kind);
  } else {
    floatIncrease(window, step, kind);
  }
}

function floatIncrease(window: Window, step: number, kind: RateKind): void {
  const { series, low, high } = window;
  const { times, values, startTimes } = series;
  const last = high - 1;
  const first = values[low] as number;
  let growth = (values[last] as number) - first;
  if (kind.counter) growth += startTimes === null ? resetsBetween(window) : resetsWithStarts(window, startTimes);
  const started = kind.counter && startTimes !== null ? (startTimes[low] ?? 0) : 0;
  const edges = { firstTime: times[low] as number, lastTime: times[last] as number, gaps: last - low, started };
  const zero = first >= 0 && growth > 0 ? first / growth : Number.POSITIVE_INFINITY;
  const result = extrapolationFactor(window, kind, { ...edges, zero });
  if (result === null) return;
  if (result.fromStart) growth += first;
  window.put(step, growth * result.factor);
}

/** The sum of the values before each fall between two samples of the window. */
function resetsBetween(window: Window): number {
  const { low, high, series } = window;
  let lost = 0;
  if (window.evaluation.steps === 1) {
    const { values } = series;
    for (let index = low + 1; index < high; index += 1) {
      if ((values[index] as number) < (values[index - 1] as number)) lost += values[index - 1] as number;
    }
    return lost;
  }
  const falls = (window.falls ??= findFalls(series.values));
  if (falls.length === 0) return 0;
  for (let at = firstAbove(falls, low); at < falls.length; at += 1) {
    const index = falls[at] as number;
    if (index >= high) break;
    lost += series.values[index - 1] as number;
  }
  return lost;
}

function findFalls(values: Float64Array): Int32Array {
  const falls: number[] = [];
  for (let index = 1; index < values.length; index += 1) {
    if ((values[index] as number) < (values[index - 1] as number)) falls.push(index);
  }
  return Int32Array.from(falls);
}

function firstAbove(sorted: Int32Array, bound: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

function resetsWithStarts(window: Window, starts: Float64Array): number {
  const { times, values } = window.series;
  let lost = 0;
  let overlap = false;
  for (let at = window.low + 1; at < window.high; at += 1) {
    const before = { started: starts[at - 1] ?? 0, time: times[at - 1] ?? 0 };
    const now = { started: starts[at] ?? 0, time: times[at] ?? 0 };
    overlap ||= startsOverlap(before, now);
    if ((values[at] ?? 0) < (values[at - 1] ?? 0) || isStartReset(before, now)) lost += values[at - 1] ?? 0;
  }
  if (overlap) noteOverlap(window);
  return lost;
}

/** `irate`: per-second increase between the last two samples. */
export const irate: RangeFunction = (window, step) => lastTwo(window, step, true);
/** `idelta`: difference of the last two samples. */
export const idelta: RangeFunction = (window, step) => lastTwo(window, step, false);

function lastTwo(window: Window, step: number, counter: boolean): void {
  if (window.floats + window.histograms < 2) return;
  if (window.histograms > 0) {
    histogramDelta(window, step, counter);
    return;
  }
  const { times, values, startTimes } = window.series;
  const last = window.high - 1;
  const now = values[last] as number;
  const before = values[last - 1] as number;
  const seconds = ((times[last] as number) - (times[last - 1] as number)) / 1000;
  if (seconds === 0) return;
  if (!counter) {
    window.put(step, now - before);
    return;
  }
  const reset =
    startTimes !== null &&
    isStartReset(
      { started: startTimes[last - 1] ?? 0, time: times[last - 1] ?? 0 },
      { started: startTimes[last] ?? 0, time: times[last] ?? 0 },
    );
  window.put(step, (now < before || reset ? now : now - before) / seconds);
}
