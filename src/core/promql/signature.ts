import { type Labels, NAME } from '../base/labels.ts';
import type { Matching } from './ast.ts';
import { type Column, METADATA } from './column.ts';

/** The text by which elements of two vectors find each other: equal for those whose matching labels are equal. */
export function signatureOf(labels: Labels, { on, labels: names }: Pick<Matching, 'on' | 'labels'>): string {
  let key = '';
  if (on) {
    for (const name of names) key += `${labels[name] ?? ''}\xff`;
    return key;
  }
  for (const name of Object.keys(labels).sort()) {
    if (name !== NAME && !names.includes(name)) key += `${name}\xff${labels[name] ?? ''}\xff`;
  }
  return key;
}

/** The labels that matching compares. */
export function matchedLabels(labels: Labels, { on, labels: names }: Pick<Matching, 'on' | 'labels'>): Labels {
  const entries = Object.entries(labels).filter(([name]) => (on ? names.includes(name) : name !== NAME && !names.includes(name)));
  return Object.fromEntries(entries);
}

/** The columns by their signature, in the order in which the signatures appear. */
export function groupColumns(columns: readonly Column[], matching: Matching): Map<string, Column[]> {
  const groups = new Map<string, Column[]>();
  for (const column of columns) {
    const key = signatureOf(column.labels, matching);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [column]);
    else group.push(column);
  }
  return groups;
}

/** The labels of a result that matching on labels produced from one element of each side. */
export function resultLabels(many: Labels, one: Labels, matching: Matching, changes: boolean): Labels {
  const labels = new Map(Object.entries(many));
  if (changes) for (const name of METADATA) labels.delete(name);
  if (matching.cardinality === 'one-to-one') {
    for (const name of Object.keys(many)) {
      if (matching.labels.includes(name) !== matching.on) labels.delete(name);
    }
  }
  for (const name of matching.include) {
    const value = one[name] ?? '';
    if (value === '') labels.delete(name);
    else labels.set(name, value);
  }
  return Object.fromEntries(labels);
}

/** Labels as the messages of the engine show them: all of them, the name too, between braces. */
export function showLabels(labels: Labels): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`);
  return `{${pairs.join(', ')}}`;
}
