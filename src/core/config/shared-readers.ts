import { compileRegex } from '../promql/matcher.ts';
import { expandTemplate } from '../templates/expand-template.ts';
import { parseTemplate } from '../templates/parse-template.ts';
import { parseMatchers } from '../routing/parse-matchers.ts';
import type { LabelMatcher } from '../routing/matcher.ts';
import type { Source } from '../rules/rule.ts';
import { describe, fullText, mapOf, type Note, oneOrMore, type Reader, text } from './readers.ts';
import type { SecretRef } from './secret-ref.ts';
import type { Entry, Spot, Tree } from './tree.ts';

/** Names of things: they stand in URLs, labels and logs. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.:-]{0,99}$/u;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Whether a key may name something; notes why not. */
export function allowName({ key, at }: Entry, note: Note): boolean {
  if (NAME.test(key)) return true;
  note(at, `${JSON.stringify(key)} is no name: at most 100 letters, digits, spaces and _ . : -, beginning with a letter or digit`);
  return false;
}

/** Built-in configuration has no file. */
export function sourceOf(at: Spot): Source {
  return at.file === '' ? { file: null, line: 0 } : { file: at.file, line: at.line };
}

/** What is wrong with a template whatever its alert is. */
const CERTAIN = /can't evaluate field|wrong number of args|can't give argument|incompatible types|error parsing regexp/;

/** A template of Prometheus, as annotations hold them. */
export const template: Reader<string> = (tree, note) => {
  const value = text(tree, note);
  if (value === undefined) return undefined;
  const [problem] = parseTemplate(value).problems;
  const trial = problem === undefined ? expandTemplate(value, { labels: {}, value: 1, externalUrl: '' }) : '';
  const place = problem?.line === 1 ? `character ${problem.column}` : `line ${problem?.line}, character ${problem?.column}`;
  if (problem !== undefined) note(tree, `bad template: ${problem.message} (${place})`);
  else if (trial.startsWith('<error') && CERTAIN.test(trial))
    note(tree, `bad template: ${trial.slice('<error expanding template: '.length, -1)}`);
  else return value;
  return undefined;
};

/** Label name -> what `read` makes of its value; names given as taken are refused. */
export function labelTexts(read: Reader<string>, ...taken: readonly string[]): Reader<Readonly<Record<string, string>>> {
  const all = mapOf(({ key, at, value }, note) => {
    if (!LABEL_NAME.test(key)) note(at, `${JSON.stringify(key)} is no label name`);
    else if (taken.includes(key)) note(at, `the label ${key} is set by Tocsin itself`);
    else return read(value, note);
    return undefined;
  });
  return (tree, note) => {
    const values = all(tree, note);
    return values === undefined ? undefined : Object.fromEntries(values);
  };
}

export const labelName: Reader<string> = (tree, note) => {
  const value = text(tree, note);
  if (value === undefined || LABEL_NAME.test(value)) return value;
  note(tree, `${JSON.stringify(value)} is no label name`);
  return undefined;
};

/** A text of Alertmanager matchers. */
const matcherText: Reader<readonly LabelMatcher[]> = (tree, note) => {
  const written = text(tree, note);
  if (written === undefined) return undefined;
  const { value, problems } = parseMatchers(written);
  for (const { message, column } of problems) note(tree, `bad matchers: ${message} (character ${column ?? 1})`);
  return value ?? undefined;
};

/** One text of matchers or a list of them, all of which must hold. */
export const matchers: Reader<readonly LabelMatcher[]> = (tree, note) => oneOrMore(matcherText)(tree, note)?.flat();

/** Alertmanager's older form: label -> the value it must have, or the expression it must match. */
export function matcherMap(op: '=' | '=~'): Reader<readonly LabelMatcher[]> {
  const read = labelTexts(op === '=' ? text : pattern);
  return (tree, note) => {
    const values = read(tree, note);
    return values && Object.entries(values).map(([name, value]) => ({ name, op, value }));
  };
}

/** A regular expression in RE2's syntax. */
export const pattern: Reader<string> = (tree, note) => {
  const value = fullText(tree, note);
  const program = value === undefined ? undefined : compileRegex(value);
  if (typeof program !== 'string') return value;
  note(tree, `not an RE2 expression: ${program}`);
  return undefined;
};

/** A secret as a text, or `{ secret: NAME }`, `{ env: NAME }`, `{ file: PATH }`. */
export const secretRef: Reader<SecretRef> = (tree, note) => {
  if (tree.kind === 'scalar' && tree.value !== null) return { kind: 'literal', value: tree.text };
  const [only, ...others] = tree.kind === 'map' ? tree.entries : [];
  const kind = only?.key;
  if (others.length > 0 || (kind !== 'secret' && kind !== 'env' && kind !== 'file')) {
    note(tree, `expected a text, { secret: NAME }, { env: NAME } or { file: PATH }, found ${describe(tree)}`);
    return undefined;
  }
  const name = only === undefined ? undefined : fullText(only.value, note);
  return name === undefined ? undefined : { kind, name };
};

/** Reads with `read`, then says what else is wrong with the value, if anything. */
export function checked<T>(read: Reader<T>, why: (value: T) => string | null): Reader<T> {
  return (tree: Tree, note) => {
    const value = read(tree, note);
    const problem = value === undefined ? null : why(value);
    if (problem === null) return value;
    note(tree, problem);
    return undefined;
  };
}

/** An address of the web. */
export function whyNoWebAddress(url: string): string | null {
  return /^https?:\/\/[^\s/?#]+[^\s]*$/i.test(url)
    ? null
    : `expected a web address such as https://example.com/, found ${JSON.stringify(url.slice(0, 100))}`;
}
