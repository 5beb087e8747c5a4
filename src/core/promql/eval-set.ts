import type { BinaryExpr } from './ast.ts';
import { ABSENT, type Column, isEmpty, mergeColumns } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import { groupColumns, signatureOf } from './signature.ts';

/** `and`, `or` and `unless`: elements of the left side with or without a match on the right, or both sides joined. */
export function evalSetOp(evaluation: Evaluation, expr: BinaryExpr, left: readonly Column[], right: readonly Column[]): Column[] {
  const { op, matching } = expr;
  if (op === 'or') {
    const there = presence(evaluation, groupColumns(left, matching));
    const added = right.map((column) => masked(column, there.get(signatureOf(column.labels, matching)), ABSENT));
    const both = [...left, ...added].filter((column) => !isEmpty(column));
    return evaluation.steps > 1 ? joinTwins(both) : both;
  }
  const there = presence(evaluation, groupColumns(right, matching));
  const wanted = op === 'and' ? 1 : ABSENT;
  return left.map((column) => masked(column, there.get(signatureOf(column.labels, matching)), wanted)).filter((column) => !isEmpty(column));
}

/** What came from the left at some steps and from the right at others is one series, unless only one of them is to lose its name. */
function joinTwins(columns: readonly Column[]): Column[] {
  return [...mergeColumns(columns.filter((column) => !column.dropName)), ...mergeColumns(columns.filter((column) => column.dropName))];
}

/** For each signature, 1 at the steps where any of its columns has an element. */
function presence(evaluation: Evaluation, groups: ReadonlyMap<string, readonly Column[]>): Map<string, Uint8Array> {
  const result = new Map<string, Uint8Array>();
  for (const [key, columns] of groups) {
    const mask = new Uint8Array(evaluation.steps);
    for (const { present } of columns) {
      for (let step = 0; step < mask.length; step += 1) if (present[step] !== ABSENT) mask[step] = 1;
    }
    result.set(key, mask);
  }
  return result;
}

/** The column at the steps where the mask has the wanted value; no mask is a mask of zeros. */
function masked(column: Column, mask: Uint8Array | undefined, wanted: number): Column {
  if (mask === undefined && wanted === ABSENT) return column;
  const present = column.present.map((kind, step) => ((mask?.[step] ?? ABSENT) === wanted ? kind : ABSENT));
  return { ...column, present };
}
