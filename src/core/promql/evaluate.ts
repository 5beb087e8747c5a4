import { type Millis, MINUTE } from '../base/time.ts';
import { Annotations } from './annotations.ts';
import { bare, type Expr } from './ast.ts';
import { type Column, compareLabels, finishColumns, type Value } from './column.ts';
import { countedSelectors } from './counted-selectors.ts';
import { evalAggregate } from './eval-aggregate.ts';
import { evalBinary } from './eval-binary.ts';
import { evalCall } from './eval-call.ts';
import { evalMatrix } from './eval-matrix.ts';
import { evalSelector } from './eval-selector.ts';
import { evalUnary } from './eval-unary.ts';
import { Evaluation, type Grid, type Query, stepsOf } from './evaluation.ts';
import { Invariance } from './invariant.ts';
import { Budget, QueryError, type StopReason } from './query-error.ts';
import type { QueryOutcome, QueryResult, ResultSeries } from './result.ts';
import type { SeriesSource } from './source.ts';

/** How a query is run; everything may be left out. */
export interface QueryOptions {
  /** The text the expression was parsed from: notes then say line and column in it. */
  readonly text?: string | undefined;
  /** How old the last sample of a series may be to still count: 5 minutes. */
  readonly lookback?: Millis | undefined;
  /** The step of subqueries that name none: 1 minute. */
  readonly subqueryStep?: Millis | undefined;
  /** How many samples and points may be loaded: 50 million. */
  readonly maxSamples?: number | undefined;
  /** Asked about once for every series: null = go on. */
  readonly stop?: (() => StopReason) | undefined;
}

const DEFAULT_LOOKBACK = 5 * MINUTE;
const DEFAULT_SUBQUERY_STEP = MINUTE;
const DEFAULT_MAX_SAMPLES = 50_000_000;

/**
 * Evaluates a parsed expression at the instants of the grid. A grid with `start === end` is an instant query; every other is a range
 * query, whose expression must be a scalar or an instant vector. Never throws for what the expression or the samples may be: errors
 * inside are `QueryError`, thrown and caught here.
 */
export function evaluate(expr: Expr, source: SeriesSource, grid: Grid, options: QueryOptions = {}): QueryOutcome {
  const notes = new Annotations(options.text ?? '');
  const budget = new Budget(options.maxSamples ?? DEFAULT_MAX_SAMPLES, options.stop ?? (() => null));
  try {
    const query: Query = {
      source,
      grid,
      lookback: options.lookback ?? DEFAULT_LOOKBACK,
      subqueryStep: options.subqueryStep ?? DEFAULT_SUBQUERY_STEP,
      budget,
      notes,
      counted: countedSelectors(expr),
      evalExpr: evaluator(),
    };
    const result = grid.start === grid.end ? evalInstant(query, expr) : evalGrid(query, expr);
    return { ok: true, result, warnings: notes.warnings, infos: notes.infos, samples: budget.touched, peak: budget.peak };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { ok: false, failure: error.failure, message: error.message, warnings: notes.warnings, infos: notes.infos };
  }
}

function evalInstant(query: Query, expr: Expr): QueryResult {
  const evaluation = new Evaluation(query, { ...query.grid, step: 0 });
  const time = query.grid.start;
  const inner = bare(expr);
  if (inner.kind === 'matrix' || inner.kind === 'subquery') return { type: 'matrix', series: evalMatrix(evaluation, inner) };
  const value = evaluation.eval(expr);
  if (value.kind === 'string') return { type: 'string', time, value: value.value };
  if (value.kind === 'scalar') return { type: 'scalar', time, value: value.values[0] ?? Number.NaN };
  return { type: 'vector', time, series: resultSeries(evaluation, finishColumns(value.columns)) };
}

function evalGrid(query: Query, expr: Expr): QueryResult {
  const steps = stepsOf(query.grid);
  const evaluation = new Evaluation(query, query.grid);
  query.budget.spend(steps);
  const value = steps === 0 ? ({ kind: 'vector', columns: [] } as const) : evaluation.eval(expr);
  if (value.kind === 'string') throw new QueryError('invalid expression type "string" for range query, must be Scalar or instant Vector');
  const columns: readonly Column[] =
    value.kind === 'vector'
      ? finishColumns(value.columns)
      : [{ labels: {}, dropName: false, values: value.values, present: new Uint8Array(steps).fill(1), histograms: null }];
  return { type: 'matrix', series: resultSeries(evaluation, columns).sort((a, b) => compareLabels(a.labels, b.labels)) };
}

function resultSeries(evaluation: Evaluation, columns: readonly Column[]): ResultSeries[] {
  const times = new Float64Array(evaluation.steps);
  for (let step = 0; step < evaluation.steps; step += 1) times[step] = evaluation.time(step);
  return columns.map(({ labels, values, present, histograms }) => ({ labels, times, values, present, histograms }));
}

/** The function that evaluates any expression; parts that are the same at all steps are evaluated once. */
function evaluator(): Query['evalExpr'] {
  const invariance = new Invariance();
  return (evaluation, expr) => {
    if (evaluation.steps > 1 && expr.kind !== 'number' && expr.kind !== 'string' && invariance.holds(expr)) {
      const once = evaluation.on({ start: evaluation.start, end: evaluation.start, step: 0 });
      return repeat(evalNode(once, expr), evaluation);
    }
    return evalNode(evaluation, expr);
  };
}

/** Evaluates a part; what it needed on the way is released, only its value is held. */
function evalNode(evaluation: Evaluation, expr: Expr): Value {
  const { budget } = evaluation.query;
  budget.check();
  const before = budget.held;
  const value = evalKind(evaluation, expr);
  budget.settle(before + sizeOf(value));
  return value;
}

/** How many points a value holds; a histogram counts as ten. */
function sizeOf(value: Value): number {
  if (value.kind === 'string') return 1;
  if (value.kind === 'scalar') return value.values.length;
  let size = 0;
  for (const { present, histograms } of value.columns) size += histograms === null ? present.length : 10 * present.length;
  return size;
}

function evalKind(evaluation: Evaluation, expr: Expr): Value {
  switch (expr.kind) {
    case 'number':
      evaluation.query.budget.spend(evaluation.steps);
      return { kind: 'scalar', values: new Float64Array(evaluation.steps).fill(expr.value) };
    case 'string':
      return { kind: 'string', value: expr.value };
    case 'paren':
      return evaluation.eval(expr.expr);
    case 'unary':
      return evalUnary(evaluation, expr);
    case 'selector':
      return { kind: 'vector', columns: evalSelector(evaluation, expr) };
    case 'binary':
      return evalBinary(evaluation, expr);
    case 'call':
      return evalCall(evaluation, expr);
    case 'aggregate':
      return evalAggregate(evaluation, expr);
    case 'matrix':
    case 'subquery':
      throw new QueryError('invalid expression type "range vector" for range query, must be Scalar or instant Vector');
  }
}

function repeat(value: Value, evaluation: Evaluation): Value {
  const { steps } = evaluation;
  if (value.kind === 'string') return value;
  if (value.kind === 'scalar') return { kind: 'scalar', values: new Float64Array(steps).fill(value.values[0] ?? Number.NaN) };
  const columns = value.columns.map((column): Column => {
    evaluation.query.budget.spend(steps);
    const histogram = column.histograms?.[0] ?? null;
    return {
      labels: column.labels,
      dropName: column.dropName,
      values: new Float64Array(steps).fill(column.values[0] ?? 0),
      present: new Uint8Array(steps).fill(column.present[0] ?? 0),
      histograms: column.histograms === null ? null : Array.from({ length: steps }, () => histogram),
    };
  });
  return { kind: 'vector', columns };
}
