import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import { forMetric, IGNORED_IN_RANGE } from './annotations.ts';
import type { Edges, Span } from './ast.ts';
import type { Buckets } from './buckets.ts';
import { ABSENT, type Column, FLOAT, putHistogram } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import type { Histogram } from './histogram.ts';

/** One series of a range vector: numbers and histograms apart, staleness markers gone. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** Start times of the counters, parallel to `times`; null = none is known. */
  readonly startTimes: Float64Array | null;
  readonly histogramTimes: Float64Array;
  readonly histograms: readonly Histogram[];
  readonly histogramStarts: Float64Array | null;
  /** What the numbers stand for when they are not samples as they came. */
  readonly buckets?: Buckets | undefined;
}

/** A range vector before it is cut into windows. */
export interface RangeVector {
  /** Taken once, one after the other: the samples of one may be gone when the next is taken. */
  readonly series: Iterable<RangeSeries>;
  readonly range: Millis;
  /** The end of the first step's window, and how far it moves with each step (0 when fixed by `@`). */
  readonly firstEnd: Millis;
  readonly stride: Millis;
  readonly edges: Edges;
  /** The place of the argument in the expression, for notes. */
  readonly span: Span;
}

/**
 * The window of one series at one step, moved along by `evalRangeCall`; functions read `[low, high)` of the numbers and
 * `[histogramLow, histogramHigh)` of the histograms, and put their result into the column.
 */
export class Window {
  readonly evaluation: Evaluation;
  readonly vector: RangeVector;
  series: RangeSeries;
  readonly column: Column;
  low = 0;
  high = 0;
  histogramLow = 0;
  histogramHigh = 0;
  /** Which numbers of the series are smaller than the one before, once that was looked for. */
  falls: Int32Array | null = null;
  /** How far the edges were moved by the last step. */
  private lowAdvance = 0;
  private highAdvance = 0;
  /** The window is `(start, end]`. */
  start = 0;
  end = 0;
  protected readonly before: Millis;
  protected readonly after: Millis;

  constructor(evaluation: Evaluation, vector: RangeVector, series: RangeSeries, column: Column) {
    this.evaluation = evaluation;
    this.vector = vector;
    this.series = series;
    this.column = column;
    // Functions that look over the edges get what lies within the look-back there.
    this.before = vector.edges === 'plain' ? 0 : evaluation.query.lookback;
    this.after = vector.edges === 'smoothed' ? evaluation.query.lookback : 0;
  }

  /** The same for another series, whose result is put into the same column. */
  restart(series: RangeSeries): void {
    this.series = series;
    this.low = 0;
    this.high = 0;
    this.histogramLow = 0;
    this.histogramHigh = 0;
    this.falls = null;
    this.column.present.fill(ABSENT);
  }

  /** Moves to a step; steps only go forward. */
  moveTo(step: number): void {
    this.end = this.vector.firstEnd + step * this.vector.stride;
    this.start = this.end - this.vector.range;
    const from = this.start - this.before;
    const to = this.end + this.after;
    const { times, histogramTimes } = this.series;
    const { low, high } = this;
    this.high = firstBehind(times, high, this.highAdvance, to);
    this.highAdvance = this.high - high;
    this.low = Math.min(firstBehind(times, low, this.lowAdvance, from), this.high);
    this.lowAdvance = this.low - low;
    const histograms = histogramTimes.length;
    if (histograms === 0) return;
    while (this.histogramHigh < histograms && (histogramTimes[this.histogramHigh] as number) <= to) this.histogramHigh += 1;
    while (this.histogramLow < this.histogramHigh && (histogramTimes[this.histogramLow] as number) <= from) this.histogramLow += 1;
  }

  get floats(): number {
    return this.high - this.low;
  }

  get histograms(): number {
    return this.histogramHigh - this.histogramLow;
  }

  /** The window holds numbers and histograms. */
  get mixed(): boolean {
    return this.high > this.low && this.histogramHigh > this.histogramLow;
  }

  get metric(): string {
    return this.series.labels['__name__'] ?? '';
  }

  put(step: number, value: number): void {
    this.column.values[step] = value;
    this.column.present[step] = FLOAT;
  }

  putHistogram(step: number, value: Histogram): void {
    putHistogram(this.column, step, value);
  }
}

/** The place of the first time above the bound, at or behind a place; looked for first where it is when as many are passed as before. */
function firstBehind(times: Float64Array, place: number, advance: number, bound: number): number {
  const count = times.length;
  let at = place + advance;
  if (at > count || (advance > 0 && (times[at - 1] as number) > bound)) at = place;
  while (at < count && (times[at] as number) <= bound) at += 1;
  return at;
}

/** A function over range vectors: reads the window, puts the result (or nothing) at the step; `params` are its scalar arguments, one value a step. */
export type RangeFunction = (window: Window, step: number, params: readonly Float64Array[]) => void;

/** A range function with a memory: one is made for each series, whose windows then come in the order of time. */
export type RangeFunctionOf = () => RangeFunction;

/** True when there is no number in the window; notes histograms that are left out beside numbers. */
export function noFloats(window: Window): boolean {
  if (window.high === window.low) return true;
  if (window.histogramHigh > window.histogramLow)
    window.evaluation.notes.info(IGNORED_IN_RANGE + forMetric(window.metric), window.vector.span);
  return false;
}
