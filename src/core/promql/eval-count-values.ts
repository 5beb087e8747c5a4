import type { AggregateExpr } from './ast.ts';
import { ABSENT, type Column, ColumnSet, FLOAT, newColumn, withLabel } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import { groupByLabels } from './group-columns.ts';
import { formatHistogram } from './histogram-format.ts';
import { formatNumber } from './number.ts';
import { QueryError } from './query-error.ts';
import { formatQuoted, isValidText } from './quote.ts';

/** `count_values("label", v)`: how many elements of each group have each value, with the value in a label. */
export function countValues(evaluation: Evaluation, expr: AggregateExpr): Column[] {
  const label = expr.param === null ? '' : evaluation.text(expr.param);
  if (label === '' || !isValidText(label)) throw new QueryError(`invalid label name ${formatQuoted(label)}`);
  const columns = evaluation.columns(expr.expr);
  const grouping = expr.without ? expr.grouping : [...expr.grouping, label];
  const results = new ColumnSet(evaluation.steps);
  for (let step = 0; step < evaluation.steps; step += 1) {
    evaluation.query.budget.check();
    const labelled: Column[] = [];
    for (const column of columns) {
      if (column.present[step] === ABSENT) continue;
      evaluation.query.budget.spend(1);
      const histogram = column.histograms?.[step];
      const text = column.present[step] !== FLOAT && histogram ? formatHistogram(histogram) : formatNumber(column.values[step] ?? 0);
      labelled.push(newColumn(withLabel(column.labels, label, text), 0));
    }
    for (const group of groupByLabels(labelled, { grouping, without: expr.without })) {
      const result = results.column(group.labels, false);
      result.values[step] = group.columns.length;
      result.present[step] = FLOAT;
    }
  }
  return results.filled;
}
