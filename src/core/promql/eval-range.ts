import type { Millis } from '../base/time.ts';
import { bare, type CallExpr, type Expr, type MatrixExpr, type SelectorExpr, type SubqueryExpr } from './ast.ts';
import { bucketFunctions, BucketWindow } from './bucket-window.ts';
import { ABSENT, type Column, FLOAT, floatColumn, HISTOGRAM, isEmpty, mergeColumns, newColumn, putFloat } from './column.ts';
import { withDetectedHints } from './counted-selectors.ts';
import { resolveLength, resolvePositive } from './duration.ts';
import { fixedTime, instantsOf, withoutStale } from './eval-selector.ts';
import type { Evaluation, Query } from './evaluation.ts';
import type { Histogram } from './histogram.ts';
import { whyNoQuantile } from './quantile.ts';
import { QueryError } from './query-error.ts';
import { absentLabels } from './eval-absent.ts';
import type { SelectedSeries, SelectHints } from './source.ts';
import { type RangeFunctionOf, type RangeSeries, type RangeVector, Window } from './window.ts';

const NONE = new Float64Array(0);
const NO_HISTOGRAMS: readonly Histogram[] = [];
/** After so many samples looked at, the budget is asked whether to go on. */
const WORK = 1_000_000;
/** These give back a sample as it is, so the metric keeps its name. */
const KEEP_NAME: ReadonlySet<string> = new Set(['last_over_time', 'first_over_time']);
const ANCHORED = ['changes', 'delta', 'increase', 'rate', 'resets'];
const SMOOTHED = ['delta', 'increase', 'rate'];

/** Calls a function over a range vector: each series on its own, its window moved from step to step. */
export function evalRangeCall(evaluation: Evaluation, call: CallExpr, runOf: RangeFunctionOf): Column[] {
  const { query, steps } = evaluation;
  const vector = evalRangeVector(evaluation, call.args.map(bare).find(isRange), call.name);
  checkEdges(vector, call.name);
  const params = call.args.filter((arg) => !isRange(bare(arg))).map((arg) => evaluation.scalars(arg));
  const dropName = !KEEP_NAME.has(call.name);
  const columns: Column[] = [];
  let work = 0;
  // At a single step one window serves all series, and only what was put into its column is kept.
  let only: Window | null = null;
  for (const series of vector.series) {
    query.budget.check();
    query.budget.spend(steps);
    const { labels, buckets } = series;
    const drops = dropName || series.dropName;
    const window: Window =
      only === null || buckets !== undefined ? newWindow(evaluation, vector, series, newColumn(labels, steps, drops)) : only;
    if (window === only) only.restart(series);
    const run = buckets === undefined || vector.edges !== 'plain' ? runOf() : (bucketFunctions.get(call.name) ?? runOf)();
    for (let step = 0; step < steps; step += 1) {
      window.moveTo(step);
      work += 16 + window.high - window.low;
      if (work > WORK) {
        work = 0;
        query.budget.check();
      }
      if (window.high > window.low || window.histogramHigh > window.histogramLow) run(window, step, params);
    }
    const column: Column = window.column;
    only = steps === 1 && buckets === undefined && column.histograms === null ? window : null;
    if (isEmpty(column)) continue;
    if (only !== null) columns.push(floatColumn(labels, column.values[0] as number, drops));
    else columns.push(column.labels === labels ? column : { ...column, labels, dropName: drops });
    if (call.name === 'rate' || call.name === 'increase') noteGauge(window, call);
    if (call.name === 'quantile_over_time') noteQuantiles(column, params[0], { evaluation, call });
  }
  return call.name === 'absent_over_time' ? absentOverTime(evaluation, columns, call) : columns;
}

function newWindow(evaluation: Evaluation, vector: RangeVector, series: RangeSeries, column: Column): Window {
  const { buckets } = series;
  return buckets === undefined
    ? new Window(evaluation, vector, series, column)
    : new BucketWindow(evaluation, vector, { ...series, buckets }, column);
}

/** Warns of quantiles that are none, at the steps where there was something to answer. */
function noteQuantiles(
  column: Column,
  values: Float64Array | undefined,
  { evaluation, call }: { readonly evaluation: Evaluation; readonly call: CallExpr },
): void {
  for (const q of new Set(values?.filter((_, step) => column.present[step] === FLOAT))) {
    const why = whyNoQuantile(q);
    if (why !== null) evaluation.notes.warn(why, bare(call.args[0] ?? call));
  }
}

function isRange(expr: Expr): expr is MatrixExpr | SubqueryExpr {
  return expr.kind === 'matrix' || expr.kind === 'subquery';
}

function checkEdges(vector: RangeVector, func: string): void {
  const { edges } = vector;
  if (edges === 'plain') return;
  const allowed = edges === 'anchored' ? ANCHORED : SMOOTHED;
  if (!allowed.includes(func)) {
    throw new QueryError(`${edges} modifier can only be used with: ${allowed.join(', ')} - not with ${func}`);
  }
}

const COUNTERS = ['_total', '_sum', '_count', '_bucket'];

function noteGauge(window: Window, call: CallExpr): void {
  const { metric, column, evaluation } = window;
  if (metric === '' || COUNTERS.some((end) => metric.endsWith(end)) || !column.present.includes(FLOAT)) return;
  const message = `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${JSON.stringify(metric)}`;
  evaluation.notes.info(message, bare(call.args[0] ?? call));
}

function absentOverTime(evaluation: Evaluation, columns: readonly Column[], call: CallExpr): Column[] {
  const column = newColumn(absentLabels(call.args[0]), evaluation.steps, true);
  for (let step = 0; step < evaluation.steps; step += 1) {
    if (columns.every((each) => each.present[step] === ABSENT)) putFloat(column, step, 1);
  }
  return isEmpty(column) ? [] : [column];
}

/** The series of a range vector with every sample that some window of the grid may need. */
export function evalRangeVector(evaluation: Evaluation, expr: MatrixExpr | SubqueryExpr | undefined, func: string): RangeVector {
  if (expr === undefined) throw new QueryError('expected a range vector');
  return expr.kind === 'matrix' ? selectRange(evaluation, expr, func) : evalSubquery(evaluation, expr);
}

function selectRange(evaluation: Evaluation, expr: MatrixExpr, func: string): RangeVector {
  const { query } = evaluation;
  const { selector } = expr;
  const range = resolvePositive(expr.range, query.grid);
  const at = instantsOf(evaluation, selector);
  const before = selector.edges === 'plain' ? 0 : query.lookback;
  const after = selector.edges === 'smoothed' ? query.lookback : 0;
  const windows = selector.edges === 'plain' ? { start: at.start, step: at.step } : undefined;
  const hints = { step: evaluation.steps > 1 ? evaluation.step : 0, func, range, windows };
  const series = eachRangeSeries(query, { selector, from: at.start - range - before + 1, to: at.end + after, hints });
  return { series, range, firstEnd: at.start, stride: at.step, edges: selector.edges, span: expr };
}

interface RangeWish {
  readonly selector: SelectorExpr;
  readonly from: Millis;
  readonly to: Millis;
  readonly hints: SelectHints;
}

/** Asks the source when the first series is taken. A generator made inside another function would hold what that one sees for long. */
function* eachRangeSeries(query: Query, { selector, from, to, hints }: RangeWish): Generator<RangeSeries> {
  const isCounted = query.counted.has(selector);
  for (const each of query.source.select(selector.matchers, from, to, hints)) {
    query.budget.spend(each.times.length);
    // Of buckets the resets are known.
    yield rangeSeries(isCounted && each.buckets === undefined ? withDetectedHints(each) : each);
  }
}

function rangeSeries(selected: SelectedSeries): RangeSeries {
  const kept = withoutStale(selected);
  const { labels, times, values, histograms, startTimes = null, buckets } = kept;
  const dropName = false;
  if (histograms === undefined) {
    return { labels, dropName, times, values, startTimes, histogramTimes: NONE, histograms: NO_HISTOGRAMS, histogramStarts: null, buckets };
  }
  const isFloat = (_: unknown, index: number): boolean => !histograms[index];
  const isHistogram = (_: unknown, index: number): boolean => Boolean(histograms[index]);
  return {
    labels,
    dropName,
    buckets,
    times: kept.times.filter(isFloat),
    values: kept.values.filter(isFloat),
    startTimes: startTimes?.filter(isFloat) ?? null,
    histogramTimes: kept.times.filter(isHistogram),
    histograms: histograms.filter((each): each is Histogram => each !== null),
    histogramStarts: startTimes?.filter(isHistogram) ?? null,
  };
}

/** Evaluates the inner expression on its own grid, aligned to multiples of its step, and takes the results as samples. */
function evalSubquery(evaluation: Evaluation, expr: SubqueryExpr): RangeVector {
  const { query } = evaluation;
  const range = resolvePositive(expr.range, query.grid);
  const step = expr.step === null ? query.subqueryStep : resolvePositive(expr.step, query.grid);
  const offset = resolveLength(expr.offset, query.grid);
  const fixed = fixedTime(evaluation, expr.at);
  const firstEnd = (fixed ?? evaluation.start) - offset;
  const lastEnd = (fixed ?? evaluation.end) - offset;
  // The first multiple of the step after the first window's start, which itself is outside.
  const start = (Math.floor((firstEnd - range) / step) + 1) * step;
  const stride = fixed === null ? evaluation.step : 0;
  const base = { range, firstEnd, stride, edges: 'plain', span: expr } as const;
  if (lastEnd < start) return { ...base, series: [] };
  const inner = evaluation.on({ start, end: lastEnd, step });
  query.budget.spend(inner.steps);
  const series = mergeColumns(inner.columns(expr.expr)).map((column) => {
    query.budget.spend(inner.steps);
    return columnSeries(inner, column);
  });
  return { ...base, series };
}

function columnSeries(inner: Evaluation, column: Column): RangeSeries {
  const times: number[] = [];
  const values: number[] = [];
  const histogramTimes: number[] = [];
  const histograms: Histogram[] = [];
  for (let step = 0; step < inner.steps; step += 1) {
    const histogram = column.histograms?.[step];
    if (column.present[step] === FLOAT) {
      times.push(inner.time(step));
      values.push(column.values[step] ?? 0);
    } else if (column.present[step] === HISTOGRAM && histogram) {
      histogramTimes.push(inner.time(step));
      // What the hint said about the neighbouring sample does not hold between results of a subquery.
      histograms.push(histogram.hint === 'gauge' || histogram.hint === 'unknown' ? histogram : { ...histogram, hint: 'unknown' });
    }
  }
  return {
    labels: column.labels,
    dropName: column.dropName,
    times: Float64Array.from(times),
    values: Float64Array.from(values),
    startTimes: null,
    histogramTimes: Float64Array.from(histogramTimes),
    histograms,
    histogramStarts: null,
  };
}
