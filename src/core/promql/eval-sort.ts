import type { CallExpr } from './ast.ts';
import { type Column, compareLabels, FLOAT } from './column.ts';
import type { Evaluation } from './evaluation.ts';

/** `sort` and `sort_desc` of an instant query: by value, NaN last; histograms are left out. Over a range there is no order to give. */
export function evalSort(evaluation: Evaluation, call: CallExpr): Column[] {
  const [vector] = call.args;
  if (vector === undefined) return [];
  const columns = evaluation.columns(vector);
  if (evaluation.steps > 1) {
    noteIneffective(evaluation, call);
    return columns.map(onlyFloats);
  }
  const sign = call.name === 'sort_desc' ? -1 : 1;
  return columns.filter((column) => column.present[0] === FLOAT).sort((a, b) => compareFloats(a.values[0] ?? 0, b.values[0] ?? 0, sign));
}

/** Says that sorting the series of a range query has no effect. */
function noteIneffective(evaluation: Evaluation, call: CallExpr): void {
  if (evaluation.start !== evaluation.query.grid.start || evaluation.step !== evaluation.query.grid.step) return;
  evaluation.notes.warn('sort is ineffective for range queries since results are always ordered by labels', call);
}

function onlyFloats(column: Column): Column {
  return column.histograms === null
    ? column
    : { ...column, present: column.present.map((kind) => (kind === FLOAT ? kind : 0)), histograms: null };
}

/** Orders numbers with NaN last, whatever the direction. */
export function compareFloats(a: number, b: number, sign: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b ? -sign : a > b ? sign : 0;
}

/** `sort_by_label` and `sort_by_label_desc`: by the values of labels in natural order, then by all labels. */
export function evalSortByLabel(evaluation: Evaluation, call: CallExpr): Column[] {
  const [vector, ...rest] = call.args;
  if (vector === undefined) return [];
  const names = rest.map((arg) => evaluation.text(arg));
  if (evaluation.steps > 1) noteIneffective(evaluation, call);
  const sign = call.name === 'sort_by_label_desc' ? -1 : 1;
  return [...evaluation.columns(vector)].sort((a, b) => {
    for (const name of names) {
      const order = compareNatural(a.labels[name] ?? '', b.labels[name] ?? '');
      if (order !== 0) return sign * order;
    }
    return sign * compareLabels(a.labels, b.labels);
  });
}

const PIECES = /[0-9]+|[^0-9]+/g;

/** Compares texts with the numbers in them by value: `a2` before `a10`. */
function compareNatural(a: string, b: string): number {
  const left = a.match(PIECES) ?? [];
  const right = b.match(PIECES) ?? [];
  for (const [at, piece] of left.entries()) {
    const other = right[at];
    if (other === undefined) return 1;
    if (piece === other) continue;
    if (isDigits(piece) && isDigits(other)) {
      const order = compareDigits(piece, other);
      if (order !== 0) return order;
    }
    return piece < other ? -1 : 1;
  }
  return left.length < right.length ? -1 : 0;
}

function isDigits(text: string): boolean {
  return text.charCodeAt(0) >= 48 && text.charCodeAt(0) <= 57;
}

function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
