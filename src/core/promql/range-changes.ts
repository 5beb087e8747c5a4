import { isReset } from './histogram-reset.ts';
import { equalHistograms } from './histogram-math.ts';
import type { Histogram } from './histogram.ts';
import { isStartReset } from './start-time.ts';
import type { RangeFunction, Window } from './window.ts';

/** `changes`: how often a value differs from the one before. */
export const changes: RangeFunction = (window, step) => {
  const from = firstIndexes(window);
  if (from === null) return;
  if (window.histograms === 0) return window.put(step, floatChanges(window, from.float));
  window.put(
    step,
    countPairs(window, from, (before, now) => {
      if (before.histogram !== null && now.histogram !== null) return !equalHistograms(before.histogram, now.histogram);
      if (before.histogram !== null || now.histogram !== null) return true;
      return now.value !== before.value && !(Number.isNaN(now.value) && Number.isNaN(before.value));
    }),
  );
};

/** `resets`: how often a counter starts anew. */
export const resets: RangeFunction = (window, step) => {
  const from = firstIndexes(window);
  if (from === null) return;
  if (window.histograms === 0 && window.series.startTimes === null) return window.put(step, floatResets(window, from.float));
  window.put(
    step,
    countPairs(window, from, (before, now) => {
      if ((before.histogram === null) !== (now.histogram === null)) return true;
      if (isStartReset(before, now)) return true;
      return before.histogram !== null && now.histogram !== null ? isReset(now.histogram, before.histogram) : now.value < before.value;
    }),
  );
};

function floatChanges(window: Window, from: number): number {
  const { values } = window.series;
  let count = 0;
  for (let at = from + 1; at < window.high; at += 1) {
    const now = values[at] as number;
    const before = values[at - 1] as number;
    if (now !== before && !(now !== now && before !== before)) count += 1;
  }
  return count;
}

function floatResets(window: Window, from: number): number {
  const { values } = window.series;
  let count = 0;
  for (let at = from + 1; at < window.high; at += 1) {
    if ((values[at] as number) < (values[at - 1] as number)) count += 1;
  }
  return count;
}

interface Indexes {
  readonly float: number;
  readonly histogram: number;
}

/** Where counting begins; anchored windows begin with the last sample at or before their start. Null: nothing happens inside. */
function firstIndexes(window: Window): Indexes | null {
  const { series, low, high, histogramLow, histogramHigh, start } = window;
  if (window.vector.edges !== 'anchored') return { float: low, histogram: histogramLow };
  let float = low - 1;
  while (float + 1 < high && (series.times[float + 1] ?? 0) <= start) float += 1;
  let histogram = histogramLow - 1;
  while (histogram + 1 < histogramHigh && (series.histogramTimes[histogram + 1] ?? 0) <= start) histogram += 1;
  if (float + 1 >= high && histogram + 1 >= histogramHigh) return null;
  const noFloat = float < low;
  const noHistogram = histogram < histogramLow;
  if (noFloat && noHistogram) return { float: low, histogram: histogramLow };
  if (noHistogram || (!noFloat && (series.times[float] ?? 0) >= (series.histogramTimes[histogram] ?? 0)))
    return { float, histogram: histogram + 1 };
  return { float: float + 1, histogram };
}

interface Point {
  readonly time: number;
  readonly value: number;
  readonly histogram: Histogram | null;
  readonly started: number;
}

/** Walks numbers and histograms in the order of time and counts the neighbours that differ. */
function countPairs(window: Window, from: Indexes, differ: (before: Point, now: Point) => boolean): number {
  const { series, high, histogramHigh } = window;
  let { float, histogram } = from;
  let before: Point | null = null;
  let count = 0;
  while (float < high || histogram < histogramHigh) {
    const floatTime = float < high ? (series.times[float] ?? 0) : Number.POSITIVE_INFINITY;
    const histogramTime = histogram < histogramHigh ? (series.histogramTimes[histogram] ?? 0) : Number.POSITIVE_INFINITY;
    let now: Point;
    if (floatTime < histogramTime) {
      now = { time: floatTime, value: series.values[float] ?? 0, histogram: null, started: series.startTimes?.[float] ?? 0 };
      float += 1;
    } else {
      const value = series.histograms[histogram] ?? null;
      now = { time: histogramTime, value: 0, histogram: value, started: series.histogramStarts?.[histogram] ?? 0 };
      histogram += 1;
    }
    if (before !== null && differ(before, now)) count += 1;
    before = now;
  }
  return count;
}
