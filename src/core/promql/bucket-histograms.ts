import { forMetric, MIXED_SCHEMAS, NOT_COUNTER, NOT_GAUGE, RECONCILED } from './annotations.ts';
import type { Buckets } from './buckets.ts';
import { extrapolationFactor, type RateKind } from './extrapolation.ts';
import type { Histogram } from './histogram.ts';
import { addHistograms, compactBuckets, scaleHistogram, subtractHistograms } from './histogram-math.ts';
import { HistogramRoll, NO_HISTOGRAM, ROLL, type RolledHistograms, type RollWish } from './histogram-roll.ts';
import { HistogramSum } from './histogram-sum.ts';
import { COLLISION, noted } from './range-histogram.ts';
import type { Window } from './window.ts';

/** A window over buckets, and by how much what it answers is to be multiplied. */
type OverBuckets = Window & { readonly buckets: Buckets; readonly scale: number };

/** `rate`, `increase`, `delta` of native histograms in buckets, by the formula for samples. */
export function bucketHistogramGrowth(window: OverBuckets, step: number, kind: RateKind): void {
  const rolled = rollWindow(window, { growth: kind.counter, sum: false });
  if (rolled === null || rolled.count === 1) return;
  noteKind(window, kind, rolled);
  const growth = growthOf(window, kind, rolled);
  if (growth === null) return;
  const { first, firstTime, lastTime, count } = rolled;
  const zero = growth.count > 0 && first.count >= 0 ? first.count / growth.count : Number.POSITIVE_INFINITY;
  const result = extrapolationFactor(window, kind, { firstTime, lastTime, gaps: count - 1, started: 0, zero });
  if (result === null) return;
  const positive = compactBuckets(growth.positive);
  const negative = compactBuckets(growth.negative);
  window.putHistogram(step, { ...scaleHistogram({ ...growth, positive, negative }, result.factor * window.scale), hint: 'gauge' });
}

function growthOf(window: OverBuckets, kind: RateKind, { flags, first, last, lost }: RolledHistograms): Histogram | null {
  if (!kind.counter) return noted(window, subtractHistograms(last, first), 'subtraction');
  if ((flags & ROLL.kinds) !== 0) return noted(window, null, '');
  const growth = (flags & ROLL.alone) === 0 ? noted(window, subtractHistograms(last, first), 'subtraction') : last;
  if (growth === null || lost === null) return growth;
  if ((flags & ROLL.lostReconciled) !== 0) window.evaluation.notes.info(`${RECONCILED} addition`, window.vector.span);
  return noted(window, addHistograms(growth, lost), 'addition');
}

function noteKind(window: OverBuckets, kind: RateKind, { flags, first, last }: RolledHistograms): void {
  const { notes } = window.evaluation;
  const metric = JSON.stringify(window.metric);
  if (kind.counter) {
    if ((flags & ROLL.gauge) !== 0) notes.warn(`${NOT_COUNTER} ${metric}`, window.vector.span);
  } else if (first.hint !== 'gauge' || last.hint !== 'gauge') {
    notes.warn(`${NOT_GAUGE} ${metric}`, window.vector.span);
  }
}

function rollWindow(window: OverBuckets, wish: RollWish): RolledHistograms | null {
  const roll = new HistogramRoll(wish);
  for (let at = window.histogramLow; at < window.histogramHigh; at += 1) {
    const next = window.buckets.histograms[at];
    if (next !== undefined) roll.add(next);
  }
  return roll.finish();
}

/** `sum_over_time` and, divided by the count, `avg_over_time` of native histograms in buckets. */
export function sumBucketHistograms(window: OverBuckets, step: number, what: 'sum' | 'mean'): void {
  const { notes } = window.evaluation;
  const { span } = window.vector;
  const found = window.buckets.histograms.slice(window.histogramLow, window.histogramHigh);
  const terms = found.map(({ sum }) => sum).filter((sum) => sum !== null);
  const [first, ...rest] = terms;
  if (first === undefined && found.length === 0) return;
  const sum = new HistogramSum(first ?? NO_HISTOGRAM);
  const isWhole = terms.length === found.length && rest.every((term) => sum.add(term) === 'added');
  if (!isWhole) return notes.warn(MIXED_SCHEMAS + forMetric(window.metric), span);
  let flags = 0;
  for (const one of found) flags |= one.flags;
  if ((flags & ROLL.reset) !== 0 && (flags & ROLL.notReset) !== 0) notes.warn(COLLISION, span);
  if (sum.reconciled || (flags & ROLL.reconciled) !== 0) notes.info(`${RECONCILED} aggregation`, span);
  if (what === 'mean') window.putHistogram(step, sum.dividedBy(countHistograms(window)));
  else window.putHistogram(step, window.scale === 1 ? sum.total : scaleHistogram(sum.total, window.scale));
}

/** How many histograms the window has. */
export function countHistograms(window: OverBuckets): number {
  let count = 0;
  for (let at = window.histogramLow; at < window.histogramHigh; at += 1) count += window.buckets.histograms[at]?.count ?? 0;
  return count;
}
