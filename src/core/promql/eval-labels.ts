import { NAME } from '../base/labels.ts';
import type { CallExpr } from './ast.ts';
import { type Column, mergeColumns, withLabel } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import { compileRegex } from './matcher.ts';
import { QueryError } from './query-error.ts';
import { isValidText } from './quote.ts';

/** `label_replace(v, dst, replacement, src, regex)`: sets a label from parts of another one where the expression matches it whole. */
export function evalLabelReplace(evaluation: Evaluation, call: CallExpr): Column[] {
  const [vector, ...rest] = call.args;
  const [target = '', replacement = '', source = '', pattern = ''] = rest.map((arg) => evaluation.text(arg));
  const regex = compileRegex(`^(?s:${pattern})$`);
  if (typeof regex === 'string') throw new QueryError(`invalid regular expression in label_replace(): ${pattern}`);
  requireLabelName(target, 'destination label name in label_replace()');
  if (vector === undefined) return [];
  const template = parseTemplate(replacement);
  const names = regex.namedGroups();
  const columns = evaluation.columns(vector).map((column): Column => {
    const matcher = regex.matcher(column.labels[source] ?? '');
    if (!matcher.find()) return column;
    const groups = matcher.groupCount();
    const group = (name: string): string => {
      const index = /^(?:0|[1-9][0-9]*)$/.test(name) ? Number(name) : (names[name] ?? -1);
      return index >= 0 && index <= groups ? (matcher.group(index) ?? '') : '';
    };
    const value = template.map((part) => (part.group ? group(part.text) : part.text)).join('');
    return { ...column, labels: withLabel(column.labels, target, value), dropName: target === NAME ? false : column.dropName };
  });
  return mergeColumns(columns);
}

/** `label_join(v, dst, separator, src...)`: sets a label to the values of others. */
export function evalLabelJoin(evaluation: Evaluation, call: CallExpr): Column[] {
  const [vector, ...rest] = call.args;
  const [target = '', separator = '', ...sources] = rest.map((arg) => evaluation.text(arg));
  for (const source of sources) requireLabelName(source, 'source label name in label_join()');
  requireLabelName(target, 'destination label name in label_join()');
  if (vector === undefined) return [];
  const columns = evaluation.columns(vector).map((column): Column => {
    const value = sources.map((name) => column.labels[name] ?? '').join(separator);
    return { ...column, labels: withLabel(column.labels, target, value), dropName: target === NAME ? false : column.dropName };
  });
  return mergeColumns(columns);
}

function requireLabelName(name: string, what: string): void {
  if (name === '' || !isValidText(name)) throw new QueryError(`invalid ${what}: ${name}`);
}

interface TemplatePart {
  readonly group: boolean;
  readonly text: string;
}

/** Splits a Go replacement template: `$1`, `${1}`, `$name`, `${name}`, `$$`. */
function parseTemplate(template: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  const pattern = /\$(?:\$|([0-9A-Za-z_]+)|\{([0-9A-Za-z_]+)\})/g;
  let at = 0;
  for (const match of template.matchAll(pattern)) {
    parts.push({ group: false, text: template.slice(at, match.index) });
    const name = match[1] ?? match[2];
    parts.push(name === undefined ? { group: false, text: '$' } : { group: true, text: name });
    at = match.index + match[0].length;
  }
  parts.push({ group: false, text: template.slice(at) });
  return parts;
}
