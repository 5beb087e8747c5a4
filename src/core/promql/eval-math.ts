import type { CallExpr } from './ast.ts';
import { type Column, FLOAT, isEmpty, newColumn } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import { maxOf, minOf } from './operators.ts';

const DEGREES = 180 / Math.PI;

/** The functions that map each number of a vector on its own. */
export const mathFunctions: ReadonlyMap<string, (value: number) => number> = new Map([
  ['abs', Math.abs],
  ['ceil', Math.ceil],
  ['floor', Math.floor],
  ['exp', Math.exp],
  ['sqrt', Math.sqrt],
  ['ln', Math.log],
  ['log2', Math.log2],
  ['log10', Math.log10],
  ['sin', Math.sin],
  ['cos', Math.cos],
  ['tan', Math.tan],
  ['asin', Math.asin],
  ['acos', Math.acos],
  ['atan', Math.atan],
  ['sinh', Math.sinh],
  ['cosh', Math.cosh],
  ['tanh', Math.tanh],
  ['asinh', Math.asinh],
  ['acosh', Math.acosh],
  ['atanh', Math.atanh],
  ['deg', (value) => value * DEGREES],
  ['rad', (value) => (value * Math.PI) / 180],
  ['sgn', (value) => (value < 0 ? -1 : value > 0 ? 1 : value)],
]);

/** The numbers of a vector, each replaced by what `map` makes of it at its step; histograms are left out. */
export function mapFloats(columns: readonly Column[], map: (value: number, step: number) => number): Column[] {
  const results: Column[] = [];
  for (const { labels, values, present } of columns) {
    const steps = present.length;
    const result = newColumn(labels, steps, true);
    for (let step = 0; step < steps; step += 1) {
      if (present[step] !== FLOAT) continue;
      result.values[step] = map(values[step] as number, step);
      result.present[step] = FLOAT;
    }
    if (!isEmpty(result)) results.push(result);
  }
  return results;
}

/** `clamp`, `clamp_min` and `clamp_max`: nothing at steps where the bounds contradict each other. */
export function evalClamp(evaluation: Evaluation, call: CallExpr): Column[] {
  const [vector, first, second] = call.args;
  if (vector === undefined || first === undefined) return [];
  const columns = evaluation.columns(vector);
  const low = call.name === 'clamp_max' ? null : evaluation.scalars(first);
  const high = call.name === 'clamp_min' ? null : evaluation.scalars(second ?? first);
  const results = mapFloats(columns, (value, step) =>
    maxOf(low?.[step] ?? Number.NEGATIVE_INFINITY, minOf(high?.[step] ?? Number.POSITIVE_INFINITY, value)),
  );
  if (low === null || high === null) return results;
  for (const column of results) {
    for (let step = 0; step < evaluation.steps; step += 1) {
      if ((high[step] ?? 0) < (low[step] ?? 0)) column.present[step] = 0;
    }
  }
  return results.filter((column) => !isEmpty(column));
}

/** `round`: to the nearest multiple, ties upwards. */
export function evalRound(evaluation: Evaluation, call: CallExpr): Column[] {
  const [vector, nearest] = call.args;
  if (vector === undefined) return [];
  const columns = evaluation.columns(vector);
  const to = nearest === undefined ? null : evaluation.scalars(nearest);
  return mapFloats(columns, (value, step) => {
    // The inverse loses less than the division.
    const inverse = 1 / (to?.[step] ?? 1);
    return Math.floor(value * inverse + 0.5) / inverse;
  });
}
