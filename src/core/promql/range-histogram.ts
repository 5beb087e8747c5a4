import { forMetric, MIXED, MIXED_SCHEMAS, NOT_COUNTER, NOT_GAUGE, RECONCILED } from './annotations.ts';
import { extrapolationFactor, noteOverlap, type RateKind } from './extrapolation.ts';
import { type Histogram, NO_BUCKETS } from './histogram.ts';
import { reduceSchema, usesCustomBuckets } from './histogram-layout.ts';
import { addHistograms, type Combined, compactBuckets, divideHistogram, scaleHistogram, subtractHistograms } from './histogram-math.ts';
import { isReset } from './histogram-reset.ts';
import { HistogramMean, HistogramSum } from './histogram-sum.ts';
import { isStartReset, type Started, startsOverlap } from './start-time.ts';
import type { Window } from './window.ts';

/** `rate`, `increase` and `delta` of native histograms. */
export function histogramIncrease(window: Window, step: number, kind: RateKind): void {
  const { series, histogramLow: low, histogramHigh: high } = window;
  const first = series.histograms[low];
  if (first === undefined) return;
  let growth = high - low > 1 ? growthBetween(window, kind) : null;
  if (growth === null && high - low > 1) return;
  const started = kind.counter ? (series.histogramStarts?.[low] ?? 0) : 0;
  const times = series.histogramTimes;
  const zero = growth !== null && growth.count > 0 && first.count >= 0 ? first.count / growth.count : Number.POSITIVE_INFINITY;
  const edges = { firstTime: times[low] ?? 0, lastTime: times[high - 1] ?? 0, gaps: high - low - 1, started, zero };
  const result = extrapolationFactor(window, kind, edges);
  if (result === null) return;
  if (result.fromStart) growth = growth === null ? first : noted(window, addHistograms(growth, first), 'addition');
  if (growth !== null) window.putHistogram(step, { ...scaleHistogram(growth, result.factor), hint: growth.hint });
}

/** Warns that layouts do not fit, or says that bounds were intersected; the value, or null. */
export function noted(window: Window, combined: Combined | null, operation: string): Histogram | null {
  const { notes } = window.evaluation;
  if (combined === null) notes.warn(MIXED_SCHEMAS + forMetric(window.metric), window.vector.span);
  else if (combined.reconciled) notes.info(`${RECONCILED} ${operation}`, window.vector.span);
  return combined?.value ?? null;
}

/** The last histogram less the first, with what was lost at resets added back. */
function growthBetween(window: Window, kind: RateKind): Histogram | null {
  const { series, histogramLow: low, histogramHigh: high } = window;
  const points = series.histograms.slice(low, high);
  const [first, second] = points;
  const last = points.at(-1);
  if (first === undefined || second === undefined || last === undefined) return null;
  noteKind(window, kind, points);
  const starts = points.map(
    (_, at): Started => ({ started: series.histogramStarts?.[low + at] ?? 0, time: series.histogramTimes[low + at] ?? 0 }),
  );
  const resetAt = (at: number): boolean => {
    const [before, now] = [starts[at - 1], starts[at]];
    return before !== undefined && now !== undefined && isStartReset(before, now);
  };
  // Nothing is taken from a first histogram that a reset follows, so its layout does not matter either.
  let previous = first;
  if (kind.counter && (resetAt(1) || isReset(second, first))) {
    previous = { ...second, hint: 'unknown', count: 0, sum: 0, zeroCount: 0, zeroThreshold: 0, positive: NO_BUCKETS, negative: NO_BUCKETS };
  }
  const relevant = kind.counter ? [previous, ...points.slice(1)] : [previous, last];
  if (relevant.some((each) => usesCustomBuckets(each) !== usesCustomBuckets(last))) return noted(window, null, '');
  const schema = Math.min(...relevant.map((each) => each.schema));
  let growth = noted(window, subtractHistograms(reduceSchema(last, schema), previous), 'subtraction');
  if (kind.counter) {
    if (starts.some((now, at) => at > 0 && startsOverlap(starts[at - 1] ?? now, now))) noteOverlap(window);
    for (const [at, now] of points.entries()) {
      if (at === 0) continue;
      if (growth !== null && (resetAt(at) || isReset(now, previous))) growth = noted(window, addHistograms(growth, previous), 'addition');
      previous = now;
    }
  }
  if (growth === null) return null;
  return { ...growth, hint: 'gauge', positive: compactBuckets(growth.positive), negative: compactBuckets(growth.negative) };
}

function noteKind(window: Window, kind: RateKind, points: readonly Histogram[]): void {
  const { notes } = window.evaluation;
  const metric = JSON.stringify(window.metric);
  if (kind.counter) {
    if (points.some((each) => each.hint === 'gauge')) notes.warn(`${NOT_COUNTER} ${metric}`, window.vector.span);
  } else if (points[0]?.hint !== 'gauge' || points.at(-1)?.hint !== 'gauge') {
    notes.warn(`${NOT_GAUGE} ${metric}`, window.vector.span);
  }
}

interface Sample extends Started {
  readonly value: number;
  readonly histogram: Histogram | null;
}

/** `irate` and `idelta` where histograms are in the window. */
export function histogramDelta(window: Window, step: number, counter: boolean): void {
  const [before, now] = lastSamples(window);
  if (before === undefined || now === undefined || now.time === before.time) return;
  const { notes } = window.evaluation;
  const seconds = (now.time - before.time) / 1000;
  if (before.histogram === null && now.histogram === null) {
    const fell = counter && (now.value < before.value || isStartReset(before, now));
    const growth = fell ? now.value : now.value - before.value;
    window.put(step, counter ? growth / seconds : growth);
    return;
  }
  if (before.histogram === null || now.histogram === null) {
    notes.warn(MIXED + forMetric(window.metric), window.vector.span);
    return;
  }
  noteKind(window, { counter, perSecond: counter }, [before.histogram, now.histogram]);
  let growth: Histogram | null = now.histogram;
  if (!counter || (!isStartReset(before, now) && !isReset(now.histogram, before.histogram))) {
    growth = noted(window, subtractHistograms(now.histogram, before.histogram), 'subtraction');
  }
  if (growth === null) return;
  const gauge: Histogram = { ...growth, hint: 'gauge' };
  window.putHistogram(step, counter ? divideHistogram(gauge, seconds) : gauge);
}

function lastSamples(window: Window): Sample[] {
  const { series } = window;
  const samples: Sample[] = [];
  for (let at = Math.max(window.low, window.high - 2); at < window.high; at += 1) {
    samples.push({ time: series.times[at] ?? 0, value: series.values[at] ?? 0, histogram: null, started: series.startTimes?.[at] ?? 0 });
  }
  for (let at = Math.max(window.histogramLow, window.histogramHigh - 2); at < window.histogramHigh; at += 1) {
    const histogram = series.histograms[at] ?? null;
    samples.push({ time: series.histogramTimes[at] ?? 0, value: 0, histogram, started: series.histogramStarts?.[at] ?? 0 });
  }
  return samples.sort((a, b) => a.time - b.time).slice(-2);
}

/** `sum_over_time` of histograms. */
export function sumHistograms(window: Window, step: number): void {
  const [first, ...rest] = window.series.histograms.slice(window.histogramLow, window.histogramHigh);
  if (first === undefined) return;
  const sum = new HistogramSum(first);
  if (addAll(window, sum, rest)) window.putHistogram(step, sum.total);
}

/** `avg_over_time` of histograms. */
export function averageHistograms(window: Window, step: number): void {
  const [first, ...rest] = window.series.histograms.slice(window.histogramLow, window.histogramHigh);
  if (first === undefined) return;
  const mean = new HistogramMean(first);
  if (addAll(window, mean, rest)) window.putHistogram(step, mean.mean);
}

function addAll(window: Window, target: HistogramSum | HistogramMean, terms: readonly Histogram[]): boolean {
  const { notes } = window.evaluation;
  const { span } = window.vector;
  for (const term of terms) {
    if (target.add(term) === 'incompatible') {
      notes.warn(MIXED_SCHEMAS + forMetric(window.metric), span);
      return false;
    }
  }
  if (target.collision) notes.warn(COLLISION, span);
  if (target.reconciled) notes.info(`${RECONCILED} aggregation`, span);
  return true;
}

/** The remark on sums over resets and non-resets. */
export const COLLISION = 'conflicting counter resets during histogram aggregation';
