import { NAME } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import { forMetric, MIXED, MIXED_SCHEMAS, RECONCILED } from './annotations.ts';
import type { SelectorExpr } from './ast.ts';
import { type Column, putFloat, putHistogram } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import type { Histogram } from './histogram.ts';
import { usesCustomBuckets } from './histogram-layout.ts';
import { addHistograms, scaleHistogram, subtractHistograms } from './histogram-math.ts';
import { isReset } from './histogram-reset.ts';
import type { SelectedSeries } from './source.ts';

/** The instants a selector looks at: those of the grid, shifted and perhaps fixed. */
export interface Instants {
  readonly start: Millis;
  readonly step: Millis;
  readonly end: Millis;
}

/** One series of a smoothed selector at work. */
export interface Smoothing {
  readonly evaluation: Evaluation;
  readonly expr: SelectorExpr;
  readonly column: Column;
  readonly at: Instants;
}

/** Straight lines between the samples on both sides of the instant, where both are within the look-back; else the one before. */
export function fillSmoothed(smoothing: Smoothing, series: SelectedSeries): void {
  const { evaluation, column, at } = smoothing;
  const { times } = series;
  const { lookback } = evaluation.query;
  let next = 0;
  for (let step = 0; step < column.present.length; step += 1) {
    const instant = at.start + step * at.step;
    while (next < times.length && (times[next] ?? 0) < instant) next += 1;
    const after = next < times.length && (times[next] ?? 0) <= instant + lookback ? next : -1;
    const before = next > 0 && (times[next - 1] ?? 0) > instant - lookback ? next - 1 : -1;
    const exact = after >= 0 && times[after] === instant;
    const place: Place = { step, instant, before: exact ? after : before, after: exact ? after : before < 0 ? -1 : after };
    if (series.histograms !== undefined) fillAny(smoothing, series, place);
    else if (place.before >= 0) fillFloat(column, series, place);
  }
}

/** The samples on both sides of an instant: the same one when it is exactly there, `after` -1 when there is none yet. */
interface Place {
  readonly step: number;
  readonly instant: Millis;
  readonly before: number;
  readonly after: number;
}

function shareOf({ times }: SelectedSeries, { instant, before, after }: Place): number {
  const from = times[before] ?? 0;
  return (instant - from) / ((times[after] ?? 0) - from);
}

function fillFloat(column: Column, series: SelectedSeries, place: Place): void {
  const { values } = series;
  const { step, before, after } = place;
  const from = values[before] ?? 0;
  putFloat(column, step, after < 0 || after === before ? from : from + ((values[after] ?? 0) - from) * shareOf(series, place));
}

function fillAny({ evaluation, expr, column }: Smoothing, series: SelectedSeries, place: Place): void {
  const { histograms = [] } = series;
  const { notes } = evaluation;
  const metric = forMetric(series.labels[NAME] ?? '');
  const kinds = kindsAround(series, place.instant, evaluation.query.lookback);
  const from = histograms[place.before] ?? null;
  const to = histograms[place.after] ?? from;
  if (kinds === 'mixed') {
    notes.warn(MIXED + metric, expr);
  } else if (place.before < 0) {
    return;
  } else if (from === null || to === null) {
    fillFloat(column, series, place);
  } else {
    const value = from === to ? carried(from, place) : interpolate(from, to, shareOf(series, place));
    for (const operation of value?.reconciled ?? []) notes.info(`${RECONCILED} ${operation}`, expr);
    if (value === null) notes.warn(MIXED_SCHEMAS + metric, expr);
    else putHistogram(column, place.step, value.histogram);
  }
}

function kindsAround({ times, histograms = [] }: SelectedSeries, instant: Millis, lookback: Millis): 'same' | 'mixed' {
  let floats = 0;
  let others = 0;
  for (const [index, time] of times.entries()) {
    if (time <= instant - lookback || time > instant + lookback) continue;
    if (histograms[index]) others += 1;
    else floats += 1;
  }
  return floats > 0 && others > 0 ? 'mixed' : 'same';
}

interface Found {
  readonly histogram: Histogram;
  /** In which operations listed bounds differed and were intersected. */
  readonly reconciled: readonly string[];
}

/** The histogram as it is where it is; carried further, its hint no longer says anything about a neighbour. */
function carried(histogram: Histogram, { after }: Place): Found {
  return { histogram: after < 0 ? { ...histogram, hint: 'unknown' } : histogram, reconciled: [] };
}

/** The histogram on the straight line between two others; across a reset of a counter, on the line that begins at zero. */
function interpolate(from: Histogram, to: Histogram, share: number): Found | null {
  if (usesCustomBuckets(from) !== usesCustomBuckets(to)) return null;
  if ((from.hint !== 'gauge' || to.hint !== 'gauge') && isReset(to, from)) return { histogram: scaleHistogram(to, share), reconciled: [] };
  const difference = subtractHistograms(to, from);
  if (difference === null) return null;
  const sum = addHistograms(scaleHistogram(difference.value, share), from);
  if (sum === null) return null;
  const reconciled = [...(difference.reconciled ? ['subtraction'] : []), ...(sum.reconciled ? ['addition'] : [])];
  return { histogram: sum.value, reconciled };
}
