import type { UnaryExpr } from './ast.ts';
import type { Column, Value } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import { scaleHistogram } from './histogram-math.ts';

/** A sign before a scalar or a vector. */
export function evalUnary(evaluation: Evaluation, expr: UnaryExpr): Value {
  const value = evaluation.eval(expr.expr);
  if (expr.op === '+' || value.kind === 'string') return value;
  if (value.kind === 'scalar') return { kind: 'scalar', values: value.values.map((each) => -each) };
  const columns = value.columns.map(
    (column): Column => ({
      labels: column.labels,
      dropName: true,
      values: column.values.map((each) => -each),
      present: column.present,
      histograms: column.histograms?.map((each) => (each === null ? null : scaleHistogram(each, -1))) ?? null,
    }),
  );
  return { kind: 'vector', columns };
}
