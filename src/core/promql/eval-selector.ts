import type { Millis } from '../base/time.ts';
import { withDetectedHints } from './counted-selectors.ts';
import type { At, SelectorExpr } from './ast.ts';
import { type Column, FLOAT, isEmpty, newColumn, putFloat, putHistogram } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import { fillSmoothed, type Instants } from './smoothed-selector.ts';
import type { SelectedSeries } from './source.ts';

/** The instant an `@` stands for; null when there is none. */
export function fixedTime(evaluation: Evaluation, at: At | null): Millis | null {
  if (at === null) return null;
  const { grid } = evaluation.query;
  return at.kind === 'time' ? at.time : at.kind === 'start' ? grid.start : grid.end;
}

/** Where a selector with this offset and `@` looks, for each step of the grid. */
export function instantsOf(evaluation: Evaluation, selector: Pick<SelectorExpr, 'at' | 'offset'>): Instants {
  const offset = evaluation.length(selector.offset);
  const fixed = fixedTime(evaluation, selector.at);
  if (fixed !== null) return { start: fixed - offset, step: 0, end: fixed - offset };
  return { start: evaluation.start - offset, step: evaluation.step, end: evaluation.end - offset };
}

/** What is taken from the sample a selector finds. */
export type Take = 'value' | 'time' | 'start-time';

/** The instant vector of a selector: for each step the last sample that is not older than the look-back and not a staleness marker. */
export function evalSelector(evaluation: Evaluation, expr: SelectorExpr, take: Take = 'value'): Column[] {
  const { query, steps } = evaluation;
  const at = instantsOf(evaluation, expr);
  const ahead = expr.edges === 'smoothed' ? query.lookback : 0;
  const isPlain = expr.edges === 'plain';
  const isCounted = query.counted.has(expr);
  const step = evaluation.steps > 1 ? evaluation.step : 0;
  const instants = isPlain && !isCounted ? at : undefined;
  const hints = { step, func: '', range: 0, instants, counted: isPlain && isCounted ? at : undefined };
  const selected = query.source.select(expr.matchers, at.start - query.lookback + 1, at.end + ahead, hints);
  const columns: Column[] = [];
  for (const each of selected) {
    const series = query.counted.has(expr) ? withDetectedHints(each) : each;
    query.budget.check();
    query.budget.spend(steps);
    const column = newColumn(series.labels, steps, take !== 'value');
    if (expr.edges === 'smoothed' && take === 'value') fillSmoothed({ evaluation, expr, column, at }, withoutStale(series));
    else if (take === 'value') fillColumn(column, series, at, query.lookback);
    else fillTimes({ column, series, at, lookback: query.lookback }, take);
    if (!isEmpty(column)) columns.push(column);
  }
  return columns;
}

function fillColumn(column: Column, series: SelectedSeries, at: Instants, lookback: Millis): void {
  const { times, values, stale, histograms } = series;
  const steps = column.present.length;
  const count = times.length;
  let next = 0;
  for (let step = 0; step < steps; step += 1) {
    const instant = at.start + step * at.step;
    while (next < count && (times[next] as number) <= instant) next += 1;
    const last = next - 1;
    if (last < 0 || (times[last] as number) <= instant - lookback || stale?.[last] === 1) continue;
    const histogram = histograms?.[last];
    if (histogram) {
      putHistogram(column, step, histogram);
    } else {
      column.values[step] = values[last] as number;
      column.present[step] = FLOAT;
    }
  }
}

interface Search {
  readonly column: Column;
  readonly series: SelectedSeries;
  readonly at: Instants;
  readonly lookback: Millis;
}

/** The times of the samples in seconds instead of their values. */
function fillTimes({ column, series, at, lookback }: Search, take: 'time' | 'start-time'): void {
  const { times, stale, startTimes } = series;
  let next = 0;
  for (let step = 0; step < column.present.length; step += 1) {
    const instant = at.start + step * at.step;
    while (next < times.length && (times[next] ?? 0) <= instant) next += 1;
    const last = next - 1;
    const time = times[last] ?? Number.NEGATIVE_INFINITY;
    if (time <= instant - lookback || stale?.[last] === 1) continue;
    putFloat(column, step, (take === 'time' ? time : (startTimes?.[last] ?? 0)) / 1000);
  }
}

/** The samples that are values: staleness markers only end what came before. */
export function withoutStale(series: SelectedSeries): SelectedSeries {
  const { stale } = series;
  if (stale === undefined || !stale.includes(1)) return series;
  const keep = (_: unknown, index: number): boolean => stale[index] !== 1;
  return {
    labels: series.labels,
    times: series.times.filter(keep),
    values: series.values.filter(keep),
    histograms: series.histograms?.filter(keep),
    startTimes: series.startTimes?.filter(keep),
  };
}
