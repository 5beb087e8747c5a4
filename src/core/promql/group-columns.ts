import { type Labels, NAME } from '../base/labels.ts';
import type { AggregateExpr } from './ast.ts';
import { type Column, keepLabels } from './column.ts';

/** The columns of one group of an aggregation. */
export interface ColumnGroup {
  readonly labels: Labels;
  readonly columns: Column[];
}

/** The columns by the labels that `by` keeps or `without` does not remove. */
export function groupByLabels(columns: readonly Column[], expr: Pick<AggregateExpr, 'grouping' | 'without'>): ColumnGroup[] {
  const groups = new Map<string, ColumnGroup>();
  const names = new Set(expr.grouping);
  const sorted = [...names].sort();
  for (const column of columns) {
    const key = expr.without ? keyWithout(column.labels, names) : keyOf(column.labels, sorted);
    let group = groups.get(key);
    if (group === undefined) {
      group = { labels: groupLabels(column.labels, names, expr.without), columns: [] };
      groups.set(key, group);
    }
    group.columns.push(column);
  }
  return [...groups.values()];
}

function keyOf(labels: Labels, names: readonly string[]): string {
  let key = '';
  for (const name of names) key += `${labels[name] ?? ''}\xff`;
  return key;
}

function keyWithout(labels: Labels, names: ReadonlySet<string>): string {
  let key = '';
  for (const name of Object.keys(labels).sort()) {
    if (name !== NAME && !names.has(name)) key += `${name}\xff${labels[name] ?? ''}\xff`;
  }
  return key;
}

function groupLabels(labels: Labels, names: ReadonlySet<string>, without: boolean): Labels {
  return keepLabels(labels, (name) => (without ? name !== NAME && !names.has(name) : names.has(name)));
}
