import { type Labels, labelsKey, NAME } from '../base/labels.ts';
import type { Histogram } from './histogram.ts';
import { QueryError } from './query-error.ts';

/** What a column holds at a step. */
export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/** One series of a vector over all steps of the grid. */
export interface Column {
  readonly labels: Labels;
  /** The metric name is wrong for these values, and goes when the query is done. */
  readonly dropName: boolean;
  /** One value a step; without meaning where `present` is not FLOAT. */
  readonly values: Float64Array;
  readonly present: Uint8Array;
  /** One histogram a step where `present` is HISTOGRAM; null = there is none at all. */
  histograms: (Histogram | null)[] | null;
}

/** The value of an expression over all steps of the grid. */
export type Value =
  | { readonly kind: 'scalar'; readonly values: Float64Array }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'vector'; readonly columns: readonly Column[] };

/** An empty column. */
export function newColumn(labels: Labels, steps: number, dropName = false): Column {
  return { labels, dropName, values: new Float64Array(steps), present: new Uint8Array(steps), histograms: null };
}

/** A column of one step that holds a number. */
export function floatColumn(labels: Labels, value: number, dropName: boolean): Column {
  const values = new Float64Array(1);
  values[0] = value;
  return { labels, dropName, values, present: ONE_FLOAT, histograms: null };
}

/** Columns are written by nobody but who makes them. */
const ONE_FLOAT = Uint8Array.of(FLOAT);

/** Sets a number at a step. */
export function putFloat(column: Column, step: number, value: number): void {
  column.values[step] = value;
  column.present[step] = FLOAT;
}

/** Sets a histogram at a step. */
export function putHistogram(column: Column, step: number, value: Histogram): void {
  column.histograms ??= Array.from(column.present, () => null);
  column.histograms[step] = value;
  column.present[step] = HISTOGRAM;
}

/** Does the column hold anything at any step? */
export function isEmpty(column: Column): boolean {
  if (column.present.length === 1) return column.present[0] === ABSENT;
  return !column.present.includes(FLOAT) && !column.present.includes(HISTOGRAM);
}

/** Labels that belong to the metric itself and go together with its name. */
export const METADATA: ReadonlySet<string> = new Set([NAME, '__type__', '__unit__']);

const nameless = new WeakMap<Labels, Labels>();

/** The labels without the metric name, its type and its unit; the same object for the same labels. */
export function withoutName(labels: Labels): Labels {
  let result = nameless.get(labels);
  if (result === undefined) {
    result = keepLabels(labels, (name) => !METADATA.has(name));
    nameless.set(labels, result);
  }
  return result;
}

/** The labels whose names pass. */
export function keepLabels(labels: Labels, keep: (name: string) => boolean): Labels {
  const entries: [string, string][] = [];
  for (const name of Object.keys(labels)) {
    const value = labels[name];
    if (value !== undefined && keep(name)) entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}

/** The labels with one set, or removed when the value is ''. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  const rest = keepLabels(labels, (each) => each !== name);
  return value === '' ? rest : Object.fromEntries([...Object.entries(rest), [name, value]]);
}

/** Result columns by their labels: what different inputs give at different steps for the same labels is one series. */
export class ColumnSet {
  readonly #columns = new Map<string, Column>();
  readonly #nameless = new Set<Column>();
  readonly #steps: number;

  constructor(steps: number) {
    this.#steps = steps;
  }

  /** The column for the labels, made when there is none: always the same one, whose name goes when any of the inputs drops it. */
  column(labels: Labels, dropName: boolean): Column {
    const key = labelsKey(labels);
    let column = this.#columns.get(key);
    if (column === undefined) {
      column = newColumn(labels, this.#steps);
      this.#columns.set(key, column);
    }
    if (dropName) this.#nameless.add(column);
    return column;
  }

  /** Everything that holds a value. */
  get filled(): Column[] {
    const filled = [...this.#columns.values()].filter((column) => !isEmpty(column));
    return filled.map((column) => (this.#nameless.has(column) ? { ...column, dropName: true } : column));
  }
}

/** Two series of one vector must not have the same labels at the same step. */
export function refuseDuplicate(): never {
  throw new QueryError('vector cannot contain metrics with the same labelset');
}

/** Drops the names that are to be dropped, and joins columns that then have the same labels; both at one step is an error. */
export function finishColumns(columns: readonly Column[]): Column[] {
  return mergeColumns(
    columns.map((column) => (column.dropName ? { ...column, labels: withoutName(column.labels), dropName: false } : column)),
  );
}

/** Joins columns with the same labels; values of two of them at one step are an error. */
export function mergeColumns(columns: readonly Column[]): Column[] {
  if (columns.length < 2) return [...columns];
  const merged = new Map<string, Column>();
  for (const column of columns) {
    const key = labelsKey(column.labels);
    const first = merged.get(key);
    merged.set(key, first === undefined ? column : mergeTwo(first, column));
  }
  return [...merged.values()];
}

function mergeTwo(first: Column, second: Column): Column {
  const result: Column = {
    ...first,
    dropName: first.dropName || second.dropName,
    values: first.values.slice(),
    present: first.present.slice(),
    histograms: first.histograms?.slice() ?? null,
  };
  for (const [step, kind] of second.present.entries()) {
    if (kind === ABSENT) continue;
    if (result.present[step] !== ABSENT) refuseDuplicate();
    const histogram = second.histograms?.[step];
    if (kind === HISTOGRAM && histogram) putHistogram(result, step, histogram);
    else putFloat(result, step, second.values[step] ?? 0);
  }
  return result;
}

const sortKeys = new WeakMap<Labels, string>();

/** Compares label sets as Prometheus sorts them: name by name, then value, shorter first. */
export function compareLabels(a: Labels, b: Labels): number {
  const left = sortKey(a);
  const right = sortKey(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function sortKey(labels: Labels): string {
  let key = sortKeys.get(labels);
  if (key === undefined) {
    key = '';
    for (const name of Object.keys(labels).sort()) key += `${name}\0${labels[name] ?? ''}\0`;
    sortKeys.set(labels, key);
  }
  return key;
}
