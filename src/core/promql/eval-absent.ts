import { type Labels, NAME } from '../base/labels.ts';
import { bare, type CallExpr, type Expr } from './ast.ts';
import { ABSENT, type Column, isEmpty, newColumn, putFloat } from './column.ts';
import type { Evaluation } from './evaluation.ts';

/** `absent(v)`: 1 at the steps where the vector is empty, with the labels its selector asks for by equality. */
export function evalAbsent(evaluation: Evaluation, call: CallExpr): Column[] {
  const [arg] = call.args;
  const columns = arg === undefined ? [] : evaluation.columns(arg);
  const column = newColumn(absentLabels(arg), evaluation.steps, true);
  for (let step = 0; step < evaluation.steps; step += 1) {
    if (columns.every((each) => each.present[step] === ABSENT)) putFloat(column, step, 1);
  }
  return isEmpty(column) ? [] : [column];
}

/** The labels a missing series would have, as far as the selector says; a label asked for more than once is left out. */
export function absentLabels(arg: Expr | undefined): Labels {
  const expr = arg === undefined ? arg : bare(arg);
  const matchers = expr?.kind === 'selector' ? expr.matchers : expr?.kind === 'matrix' ? expr.selector.matchers : [];
  const labels = new Map<string, string>();
  const seen = new Set<string>();
  for (const { name, op, value } of matchers) {
    if (name === NAME) continue;
    if (op === '=' && !seen.has(name)) {
      seen.add(name);
      if (value !== '') labels.set(name, value);
    } else {
      labels.delete(name);
    }
  }
  return Object.fromEntries(labels);
}
