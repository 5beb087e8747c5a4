import { formatShortest } from '../promql/number.ts';

/** What a template computes with; a bigint is Go's int, a number its float64, null its nil. */
export type Value = string | number | bigint | boolean | null | Struct | Dictionary | readonly Value[];

/** Named fields; another name is an error. */
interface Struct {
  readonly kind: 'struct';
  readonly fields: ReadonlyMap<string, Value>;
}

/** Texts by name; a missing name is the empty text. */
interface Dictionary {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, string>;
}

/** Why an expansion cannot go on. Never leaves this folder. */
export class TemplateFailure extends Error {}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Go's name of the type of a value. */
export function typeName(value: Value): string {
  if (value === null) return 'nil';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  return isList(value) ? '[]interface {}' : value.kind === 'map' ? 'map[string]string' : 'struct';
}

/** Whether `if` takes the branch: everything but false, 0, nil and what is empty. */
export function isTrue(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === 0n || value === '') return false;
  if (isList(value)) return value.length > 0;
  return typeof value !== 'object' || value.kind === 'struct' || value.entries.size > 0;
}

/** A value as Go's `%v` prints it. */
export function formatValue(value: Value): string {
  if (value === null) return '<no value>';
  if (typeof value === 'number') return formatShortest(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map(formatValue).join(' ')}]`;
  const entries = value.kind === 'map' ? [...value.entries].sort(([a], [b]) => (a < b ? -1 : 1)) : [...value.fields];
  return value.kind === 'map'
    ? `map[${entries.map(([name, each]) => `${name}:${formatValue(each)}`).join(' ')}]`
    : `{${entries.map(([, each]) => formatValue(each)).join(' ')}}`;
}
