import type { CallExpr } from './ast.ts';
import { type Column, FLOAT, newColumn, putFloat, type Value } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import { maxOf, minOf } from './operators.ts';

/** `scalar(v)`: the number of a vector with exactly one number, else NaN. */
export function evalScalar(evaluation: Evaluation, call: CallExpr): Value {
  evaluation.query.budget.spend(evaluation.steps);
  const values = new Float64Array(evaluation.steps).fill(Number.NaN);
  const [vector] = call.args;
  const columns = vector === undefined ? [] : evaluation.columns(vector);
  const seen = new Uint8Array(evaluation.steps);
  for (const column of columns) {
    for (let step = 0; step < evaluation.steps; step += 1) {
      if (column.present[step] !== FLOAT) continue;
      values[step] = seen[step] === 0 ? (column.values[step] ?? 0) : Number.NaN;
      seen[step] = 1;
    }
  }
  return { kind: 'scalar', values };
}

/** `vector(s)`: the number as a vector without labels. */
export function evalVector(evaluation: Evaluation, call: CallExpr): Column[] {
  const [scalar] = call.args;
  if (scalar === undefined) return [];
  const column = newColumn({}, evaluation.steps);
  for (const [step, value] of evaluation.scalars(scalar).entries()) putFloat(column, step, value);
  return [column];
}

/** `time()`, `pi()`, `start()`, `end()`, `range()`, `step()`, `max_of` and `min_of`. */
export function evalNumber(evaluation: Evaluation, call: CallExpr): Value {
  evaluation.query.budget.spend(evaluation.steps);
  const values = new Float64Array(evaluation.steps);
  const { grid } = evaluation.query;
  const [left, right] = call.args.map((arg) => evaluation.scalars(arg));
  const of = (step: number): number => {
    switch (call.name) {
      case 'time':
        return evaluation.time(step) / 1000;
      case 'start':
        return grid.start / 1000;
      case 'end':
        return grid.end / 1000;
      case 'range':
        return (grid.end - grid.start) / 1000;
      case 'step':
        return grid.end === grid.start ? 0 : grid.step / 1000;
      case 'max_of':
        return maxOf(left?.[step] ?? 0, right?.[step] ?? 0);
      case 'min_of':
        return minOf(left?.[step] ?? 0, right?.[step] ?? 0);
      default:
        return Math.PI;
    }
  };
  for (let step = 0; step < evaluation.steps; step += 1) values[step] = of(step);
  return { kind: 'scalar', values };
}
