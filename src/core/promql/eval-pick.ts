import type { AggregateExpr } from './ast.ts';
import { ABSENT, type Column, FLOAT, isEmpty, newColumn } from './column.ts';
import { noteIgnored } from './aggregators.ts';
import type { ColumnGroup } from './group-columns.ts';
import { compareFloats } from './eval-sort.ts';
import type { Evaluation } from './evaluation.ts';
import { ratioOffset } from './ratio.ts';
import { putElement } from './eval-element.ts';
import { QueryError } from './query-error.ts';
import { formatShortest } from './number.ts';

const MOST = 2 ** 63;

/** `topk`, `bottomk`, `limitk` and `limit_ratio`: some elements of each group as they are. */
export function pickColumns(evaluation: Evaluation, expr: AggregateExpr, groups: readonly ColumnGroup[], params: Float64Array): Column[] {
  if (expr.op === 'limit_ratio') return pickRatio(evaluation, expr, groups, params);
  if (params.every((k) => k < 1)) return [];
  for (const k of params) {
    if (Number.isNaN(k)) throw new QueryError('Parameter value is NaN');
    if (k <= -MOST) throw new QueryError(`Scalar value ${formatShortest(k)} underflows int64`);
    if (k >= MOST) throw new QueryError(`Scalar value ${formatShortest(k)} overflows int64`);
  }
  return groups.flatMap((group) => pickGroup(evaluation, expr, group, params));
}

function pickGroup(evaluation: Evaluation, expr: AggregateExpr, group: ColumnGroup, params: Float64Array): Column[] {
  if (expr.op !== 'limitk') noteIgnored({ evaluation, expr, columns: group.columns }, expr);
  const results = group.columns.map((column) => newColumn(column.labels, evaluation.steps, column.dropName));
  let order: number[] = [];
  for (let step = 0; step < evaluation.steps; step += 1) {
    const k = Math.trunc(params[step] ?? 0);
    order =
      k < 1
        ? []
        : expr.op === 'limitk'
          ? firstOf(group.columns, step, k)
          : bestOf(group.columns, { step, k, sign: expr.op === 'topk' ? -1 : 1 });
    for (const index of order) copyElement(group.columns[index], results[index], step);
  }
  // An instant query keeps the order of the values.
  const sorted = evaluation.steps === 1 ? order.map((index) => results[index]) : results;
  return sorted.filter((column): column is Column => column !== undefined && !isEmpty(column));
}

/** The indexes of the first columns with any element at the step. */
function firstOf(columns: readonly Column[], step: number, k: number): number[] {
  const found: number[] = [];
  for (const [index, column] of columns.entries()) {
    if (found.length === k) break;
    if (column.present[step] !== ABSENT) found.push(index);
  }
  return found;
}

interface Choice {
  readonly step: number;
  readonly k: number;
  /** -1: the largest are the best. */
  readonly sign: 1 | -1;
}

/** The indexes of the k columns with the best numbers at the step, the best first; NaN is the worst. The k best so far are kept as a heap. */
function bestOf(columns: readonly Column[], { step, k, sign }: Choice): number[] {
  const heap: number[] = [];
  const valueOf = (index: number): number => columns[index]?.values[step] ?? 0;
  // The worst is on top; of two equals neither is worse.
  const worse = (a: number, b: number): boolean => compareFloats(valueOf(a), valueOf(b), sign) > 0;
  for (const [index, column] of columns.entries()) {
    if (column.present[step] !== FLOAT) continue;
    const [top] = heap;
    if (heap.length < k) {
      heap.push(index);
      moveUp(heap, worse);
    } else if (top !== undefined && worse(top, index)) {
      heap[0] = index;
      moveDown(heap, worse);
    }
  }
  return heap.sort((a, b) => compareFloats(valueOf(a), valueOf(b), sign));
}

function moveUp(heap: number[], worse: (a: number, b: number) => boolean): void {
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!worse(heap[at] as number, heap[parent] as number)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function moveDown(heap: number[], worse: (a: number, b: number) => boolean): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) return;
    if (child + 1 < heap.length && worse(heap[child + 1] as number, heap[child] as number)) child += 1;
    if (!worse(heap[child] as number, heap[at] as number)) return;
    swap(heap, at, child);
    at = child;
  }
}

function swap(heap: number[], a: number, b: number): void {
  const kept = heap[a] as number;
  heap[a] = heap[b] as number;
  heap[b] = kept;
}

function copyElement(from: Column | undefined, to: Column | undefined, step: number): void {
  if (from === undefined || to === undefined) return;
  putElement(to, step, { value: from.values[step] ?? 0, histogram: from.histograms?.[step] ?? null });
}

/** Each series has a place in 0..1 that depends on its labels only; the ratio takes those below it, a negative one the rest. */
function pickRatio(evaluation: Evaluation, expr: AggregateExpr, groups: readonly ColumnGroup[], params: Float64Array): Column[] {
  if (params.every((ratio) => ratio === 0)) return [];
  if (params.some(Number.isNaN)) throw new QueryError('Ratio value is NaN');
  const most = Math.max(...params);
  const least = Math.min(...params);
  const place = expr.param ?? expr;
  const message = (got: number, cap: number): string =>
    `ratio value should be between -1 and 1, got ${formatShortest(got)}, capping to ${formatShortest(cap)}`;
  if (most > 1) evaluation.notes.warn(message(most, 1), place);
  if (least < -1) evaluation.notes.warn(message(least, -1), place);
  const results: Column[] = [];
  for (const column of groups.flatMap((group) => group.columns)) {
    const offset = ratioOffset(column.labels);
    const present = column.present.map((kind, step) => {
      const ratio = Math.max(-1, Math.min(1, params[step] ?? 0));
      return (ratio >= 0 ? offset < ratio : offset >= 1 + ratio) ? kind : ABSENT;
    });
    const result: Column = { ...column, present };
    if (!isEmpty(result)) results.push(result);
  }
  return results;
}
