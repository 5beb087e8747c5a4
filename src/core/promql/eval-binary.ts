import { type BinaryExpr, isComparison, isSetOp } from './ast.ts';
import { type Column, FLOAT, HISTOGRAM, isEmpty, newColumn, putFloat, type Value } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import { combineElements, type Element, putElement } from './eval-element.ts';
import { evalSetOp } from './eval-set.ts';
import { matchVectors } from './eval-match.ts';
import { arithmetic, changesMetric, comparison } from './operators.ts';
import { QueryError } from './query-error.ts';

/** Any binary expression. */
export function evalBinary(evaluation: Evaluation, expr: BinaryExpr): Value {
  const left = evaluation.eval(expr.left);
  const right = evaluation.eval(expr.right);
  if (left.kind === 'scalar' && right.kind === 'scalar') return { kind: 'scalar', values: scalars(expr, left.values, right.values) };
  if (left.kind === 'vector' && right.kind === 'scalar') {
    return { kind: 'vector', columns: withScalar(evaluation, expr, { columns: left.columns, scalar: right.values, scalarFirst: false }) };
  }
  if (left.kind === 'scalar' && right.kind === 'vector') {
    return { kind: 'vector', columns: withScalar(evaluation, expr, { columns: right.columns, scalar: left.values, scalarFirst: true }) };
  }
  if (left.kind !== 'vector' || right.kind !== 'vector') return { kind: 'vector', columns: [] };
  const columns = isSetOp(expr.op)
    ? evalSetOp(evaluation, expr, left.columns, right.columns)
    : matchVectors(evaluation, expr, left.columns, right.columns);
  return { kind: 'vector', columns };
}

function scalars({ op }: BinaryExpr, left: Float64Array, right: Float64Array): Float64Array {
  if (isComparison(op)) {
    const compare = comparison[op];
    return left.map((value, step) => (compare(value, right[step] ?? 0) ? 1 : 0));
  }
  if (op === 'and' || op === 'or' || op === 'unless' || op === '</' || op === '>/') {
    throw new QueryError(`operator ${JSON.stringify(op)} not allowed for Scalar operations`);
  }
  const compute = arithmetic[op];
  return left.map((value, step) => compute(value, right[step] ?? 0));
}

interface Operands {
  readonly columns: readonly Column[];
  readonly scalar: Float64Array;
  readonly scalarFirst: boolean;
}

function withScalar(evaluation: Evaluation, expr: BinaryExpr, operands: Operands): Column[] {
  const { op, bool } = expr;
  const results: Column[] = [];
  const dropsName = bool || changesMetric(op);
  const filter = evaluation.steps === 1 && isComparison(op) && !bool ? comparison[op] : null;
  for (const column of operands.columns) {
    evaluation.query.budget.spend(evaluation.steps);
    if (filter !== null && column.present[0] === FLOAT) {
      const value = column.values[0] as number;
      const other = operands.scalar[0] as number;
      // Nothing is made anew: what is kept of one step is the column as it is.
      if (operands.scalarFirst ? filter(other, value) : filter(value, other)) results.push(column);
      continue;
    }
    const result = newColumn(column.labels, evaluation.steps, column.dropName || dropsName);
    if (column.histograms === null && op !== '</' && op !== '>/' && !isSetOp(op)) floatsWithScalar(result, column, expr, operands);
    else elementsWithScalar(evaluation, expr, { result, column, operands });
    if (!isEmpty(result)) results.push(result);
  }
  return results;
}

function floatsWithScalar(result: Column, column: Column, { op, bool }: BinaryExpr, { scalar, scalarFirst }: Operands): void {
  const { values, present } = column;
  const steps = present.length;
  if (isComparison(op)) {
    const compare = comparison[op];
    for (let step = 0; step < steps; step += 1) {
      if (present[step] !== FLOAT) continue;
      const value = values[step] as number;
      const other = scalar[step] as number;
      const holds = scalarFirst ? compare(other, value) : compare(value, other);
      if (bool) putFloat(result, step, holds ? 1 : 0);
      else if (holds) putFloat(result, step, value);
    }
    return;
  }
  const compute = op in arithmetic ? arithmetic[op as keyof typeof arithmetic] : null;
  if (compute === null) return;
  for (let step = 0; step < steps; step += 1) {
    if (present[step] !== FLOAT) continue;
    const value = values[step] as number;
    const other = scalar[step] as number;
    result.values[step] = scalarFirst ? compute(other, value) : compute(value, other);
    result.present[step] = FLOAT;
  }
}

interface ColumnWithScalar {
  readonly result: Column;
  readonly column: Column;
  readonly operands: Operands;
}

function elementsWithScalar(evaluation: Evaluation, expr: BinaryExpr, { result, column, operands }: ColumnWithScalar): void {
  for (let step = 0; step < evaluation.steps; step += 1) {
    if (column.present[step] !== FLOAT && column.present[step] !== HISTOGRAM) continue;
    const element: Element = { value: column.values[step] ?? 0, histogram: column.histograms?.[step] ?? null };
    const scalar: Element = { value: operands.scalar[step] ?? 0, histogram: null };
    const [left, right] = operands.scalarFirst ? [scalar, element] : [element, scalar];
    const combined = combineElements(evaluation, expr, left, right);
    if (combined === null) continue;
    if (expr.bool) putFloat(result, step, combined.holds ? 1 : 0);
    else if (!combined.holds) continue;
    // A comparison gives back the element of the vector, on whichever side it stands.
    else putElement(result, step, isComparison(expr.op) ? element : combined);
  }
}
