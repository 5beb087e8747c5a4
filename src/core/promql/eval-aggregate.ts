import type { AggregateExpr } from './ast.ts';
import { type Column, isEmpty, newColumn, type Value } from './column.ts';
import { aggregators } from './aggregators.ts';
import { countValues } from './eval-count-values.ts';
import type { Evaluation } from './evaluation.ts';
import { groupByLabels } from './group-columns.ts';
import { pickColumns } from './eval-pick.ts';
import { whyNoQuantile } from './quantile.ts';

/** Any aggregation. */
export function evalAggregate(evaluation: Evaluation, expr: AggregateExpr): Value {
  if (expr.op === 'count_values') return { kind: 'vector', columns: countValues(evaluation, expr) };
  const params = expr.param === null ? null : evaluation.scalars(expr.param);
  const columns = evaluation.columns(expr.expr);
  const groups = groupByLabels(columns, expr);
  if (expr.op === 'topk' || expr.op === 'bottomk' || expr.op === 'limitk' || expr.op === 'limit_ratio') {
    return { kind: 'vector', columns: pickColumns(evaluation, expr, groups, params ?? new Float64Array(evaluation.steps)) };
  }
  if (expr.op === 'quantile' && params !== null) noteQuantiles(evaluation, expr, params);
  const aggregate = aggregators[expr.op];
  const results: Column[] = [];
  for (const group of groups) {
    evaluation.query.budget.check();
    evaluation.query.budget.spend(evaluation.steps);
    const dropName = group.columns.some((column) => column.dropName);
    const result = newColumn(group.labels, evaluation.steps, dropName);
    aggregate({ evaluation, expr, columns: group.columns, result, params });
    if (!isEmpty(result)) results.push(result);
  }
  return { kind: 'vector', columns: results };
}

/** Notes NaN, the greatest and the least; where some are NaN, these two are only known when they are infinite. */
function noteQuantiles(evaluation: Evaluation, expr: AggregateExpr, params: Float64Array): void {
  const notNumber = params.some(Number.isNaN);
  const extreme = (side: 1 | -1): number => {
    const infinite = side * Number.POSITIVE_INFINITY;
    if (notNumber) return params.includes(infinite) ? infinite : Number.NaN;
    return params.reduce((best, each) => (side * each > side * best ? each : best), -infinite);
  };
  const noted = new Set([...(notNumber ? [Number.NaN] : []), extreme(1), extreme(-1)]);
  for (const q of noted) {
    const why = whyNoQuantile(q);
    if (why !== null) evaluation.notes.warn(why, expr.param ?? expr);
  }
}
