import type { RateKind } from './extrapolation.ts';
import { forMetric, MIXED_SCHEMAS, NOT_COUNTER, NOT_GAUGE } from './annotations.ts';
import { FLOAT, newColumn } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import type { Histogram } from './histogram.ts';
import { usesCustomBuckets } from './histogram-layout.ts';
import { addHistograms, divideHistogram, scaleHistogram, subtractHistograms } from './histogram-math.ts';
import { isReset } from './histogram-reset.ts';
import { noted } from './range-histogram.ts';
import { QueryError } from './query-error.ts';
import type { ResultSeries } from './result.ts';
import { type RangeSeries, type RangeVector, Window } from './window.ts';

/** `rate`, `increase` and `delta` over anchored or smoothed windows: the exact difference between the edges, without extrapolation. */
export function extendedRate(window: Window, step: number, kind: RateKind): void {
  if (window.histograms > 0) extendedHistogramRate(window, step, kind);
  else extendedFloatRate(window, step, kind);
}

/** The samples the result is computed from: the last one at or before the start, and the last one (smoothed: the first at or after the end). */
interface Ends {
  readonly first: number;
  readonly last: number;
}

function endsOf(window: Window, times: Float64Array, low: number, high: number): Ends | null {
  const smoothed = window.vector.edges === 'smoothed';
  let last = high - 1;
  let first = low;
  while (first < last && (times[first] ?? 0) <= window.start) first += 1;
  first = Math.max(low, first - 1);
  if (smoothed) {
    let at = low;
    while (at < last && (times[at] ?? 0) < window.end) at += 1;
    last = at;
  }
  if ((times[last] ?? 0) <= window.start || (smoothed && (times[first] ?? 0) > window.end)) return null;
  return { first, last };
}

function extendedFloatRate(window: Window, step: number, kind: RateKind): void {
  const { times, values } = window.series;
  const ends = endsOf(window, times, window.low, window.high);
  if (ends === null) return;
  const { first, last } = ends;
  const { left, right } = edgeValues(window, ends, kind);
  let growth = right - left;
  if (kind.counter) {
    const from = (times[first] ?? 0) <= window.start ? first + 1 : first;
    const to = (times[last] ?? 0) >= window.end ? last : last + 1;
    let previous = left;
    for (let index = from; index < to; index += 1) {
      const value = values[index] ?? 0;
      if (value < previous) growth += previous;
      previous = value;
    }
    if (right < previous) growth += previous;
  }
  window.put(step, kind.perSecond ? growth / (window.vector.range / 1000) : growth);
}

/** The values at both edges of the window, interpolated where smoothed. */
function edgeValues(window: Window, { first, last }: Ends, kind: RateKind): { readonly left: number; readonly right: number } {
  const { times, values } = window.series;
  const smoothed = window.vector.edges === 'smoothed';
  const at = (index: number, time: number): number => {
    const [t1, t2] = [times[index] ?? 0, times[index + 1] ?? 0];
    const to = values[index + 1] ?? 0;
    // Between the samples around a reset the counter is taken to have grown from zero.
    const from = kind.counter && to < (values[index] ?? 0) ? 0 : (values[index] ?? 0);
    return from + ((to - from) * (time - t1)) / (t2 - t1);
  };
  const left = smoothed && (times[first] ?? 0) < window.start ? at(first, window.start) : (values[first] ?? 0);
  const right = smoothed && last > window.low && (times[last] ?? 0) > window.end ? at(last - 1, window.end) : (values[last] ?? 0);
  return { left, right };
}

function extendedHistogramRate(window: Window, step: number, kind: RateKind): void {
  const { histograms, histogramTimes: times } = window.series;
  const ends = endsOf(window, times, window.histogramLow, window.histogramHigh);
  if (ends === null) return;
  const { first, last } = ends;
  const points = histograms.slice(first, last + 1);
  if (!fitTogether(window, kind, points)) return;
  const smoothed = window.vector.edges === 'smoothed';
  const cutLeft = smoothed && (times[first] ?? 0) < window.start;
  const left = cutLeft ? interpolate(window, first, window.start, kind) : (histograms[first] ?? null);
  const cutRight = smoothed && last > window.histogramLow && (times[last] ?? 0) > window.end;
  const right = cutRight ? interpolate(window, last - 1, window.end, kind) : (histograms[last] ?? null);
  if (left === null || right === null) return;
  if (!kind.counter && (left.hint !== 'gauge' || right.hint !== 'gauge')) {
    window.evaluation.notes.warn(`${NOT_GAUGE} ${JSON.stringify(window.metric)}`, window.vector.span);
  }
  let growth = noted(window, subtractHistograms(right, left), 'subtraction');
  if (kind.counter) {
    for (const lost of lostAtResets(points, left, right, cutLeft)) {
      if (growth !== null) growth = noted(window, addHistograms(growth, lost), 'addition');
    }
  }
  if (growth === null) return;
  const result = kind.perSecond ? divideHistogram(growth, window.vector.range / 1000) : growth;
  window.putHistogram(step, { ...result, hint: 'gauge' });
}

function fitTogether(window: Window, kind: RateKind, points: readonly Histogram[]): boolean {
  const [first] = points;
  if (first === undefined) return false;
  const { notes } = window.evaluation;
  for (const point of points) {
    if (usesCustomBuckets(point) !== usesCustomBuckets(first)) {
      notes.warn(MIXED_SCHEMAS + forMetric(window.metric), window.vector.span);
      return false;
    }
    if (kind.counter && point.hint === 'gauge') notes.warn(`${NOT_COUNTER} ${JSON.stringify(window.metric)}`, window.vector.span);
  }
  return true;
}

/** The histogram on the straight line between two neighbours. */
function interpolate(window: Window, index: number, time: number, kind: RateKind): Histogram | null {
  const { histograms, histogramTimes: times } = window.series;
  const [from, to] = [histograms[index], histograms[index + 1]];
  const [t1, t2] = [times[index] ?? 0, times[index + 1] ?? 0];
  if (from === undefined || to === undefined) return from ?? null;
  if (time === t1) return from;
  if (time === t2) return to;
  const share = (time - t1) / (t2 - t1);
  if (kind.counter && isReset(to, from)) return scaleHistogram(to, share);
  const difference = noted(window, subtractHistograms(to, from), 'subtraction');
  return difference === null ? null : noted(window, addHistograms(scaleHistogram(difference, share), from), 'addition');
}

/** The histograms just before each reset between the edges. */
function lostAtResets(points: readonly Histogram[], left: Histogram, right: Histogram, cutLeft: boolean): Histogram[] {
  const lost: Histogram[] = [];
  let previous = left;
  let from = 1;
  const [first, second] = points;
  if (cutLeft && first !== undefined && second !== undefined && isReset(second, first)) {
    // The left edge was already interpolated across this reset.
    previous = second;
    from = 2;
  }
  if (from > points.length - 1) return lost;
  for (const point of points.slice(from, -1)) {
    if (isReset(point, previous)) lost.push(previous);
    previous = point;
  }
  if (isReset(right, previous)) lost.push(previous);
  return lost;
}

/** The samples an anchored or smoothed range expression shows: one at each edge, and those between. */
export function extendWindow(evaluation: Evaluation, vector: RangeVector, series: RangeSeries): ResultSeries {
  if (series.histograms.length > 0) throw new QueryError(`${vector.edges} modifier is not supported with histograms`);
  const { times, values } = series;
  const window = new Window(evaluation, vector, series, newColumn(series.labels, 1));
  window.moveTo(0);
  const ends = window.floats === 0 ? null : endsOf(window, times, window.low, window.high);
  if (ends === null) return shown(series, [], []);
  const edge = edgeValues(window, ends, { counter: false, perSecond: false });
  const first = (times[ends.first] ?? 0) <= window.start ? ends.first + 1 : ends.first;
  const last = (times[ends.last] ?? 0) >= window.end ? ends.last - 1 : ends.last;
  const inside = (all: Float64Array): number[] => [...all.subarray(first, Math.max(first, last + 1))];
  return shown(series, [window.start, ...inside(times), window.end], [edge.left, ...inside(values), edge.right]);
}

function shown(series: RangeSeries, times: readonly number[], values: readonly number[]): ResultSeries {
  const present = new Uint8Array(times.length).fill(FLOAT);
  return { labels: series.labels, times: Float64Array.from(times), values: Float64Array.from(values), present, histograms: null };
}
