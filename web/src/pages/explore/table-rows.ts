import type { Labels, Row } from './answer.ts';

/** A table of an instant answer: the labels that differ are columns, those that all lines share stand above it. */
export interface Table {
  readonly columns: readonly string[];
  readonly shared: Labels;
  readonly rows: readonly Row[];
}

export interface Order {
  /** The name of a label; null: the value. */
  readonly by: string | null;
  readonly down: boolean;
}

/** The largest values first. */
export const USUAL_ORDER: Order = { by: null, down: true };

export function tableOf(rows: readonly Row[]): Table {
  const names = new Set(rows.flatMap(({ labels }) => Object.keys(labels)));
  const columns: string[] = [];
  const shared: Record<string, string> = {};
  for (const name of [...names].sort(byName)) {
    const value = rows[0]?.labels[name];
    if (rows.length > 1 && value !== undefined && rows.every(({ labels }) => labels[name] === value)) shared[name] = value;
    else columns.push(name);
  }
  return { columns, shared, rows };
}

/** The name of the metric first, then the labels by name. */
function byName(a: string, b: string): number {
  if (a === '__name__' || b === '__name__') return a === '__name__' ? -1 : 1;
  return a < b ? -1 : 1;
}

const COLLATOR = new Intl.Collator('en', { numeric: true });

/** The rows in this order; a missing value and NaN stand last either way. */
export function sortRows(rows: readonly Row[], { by, down }: Order): readonly Row[] {
  const sign = down ? -1 : 1;
  if (by !== null) return rows.toSorted((a, b) => sign * COLLATOR.compare(a.labels[by] ?? '', b.labels[by] ?? ''));
  return rows.toSorted((a, b) => {
    const [x, y] = [a.value ?? Number.NaN, b.value ?? Number.NaN];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return sign * (x < y ? -1 : x > y ? 1 : 0);
  });
}
