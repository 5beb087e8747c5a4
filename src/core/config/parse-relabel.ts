import { compileRegex } from '../promql/matcher.ts';
import { DEFAULT_REGEX, RELABEL_ACTIONS, type RelabelAction, type RelabelRule } from '../scrape/relabel-rule.ts';
import { fullText, integer, listOf, type Note, oneOf, optional, type Reader, record, text } from './readers.ts';
import { entryOf, spotOf, type Tree } from './tree.ts';

const LARGEST_MODULUS = Number.MAX_SAFE_INTEGER;

/** An RE2 expression, which may be empty. */
const regex: Reader<string> = (tree, note) => {
  const value = text(tree, note);
  const program = value === undefined ? undefined : compileRegex(value);
  if (typeof program !== 'string') return value;
  note(tree, `not an RE2 expression: ${program}`);
  return undefined;
};

const action: Reader<RelabelAction> = (tree, note) =>
  // Prometheus takes them in any case.
  oneOf(...RELABEL_ACTIONS)(tree.kind === 'scalar' ? { ...tree, text: tree.text.toLowerCase() } : tree, note);

const fields = record({
  action: optional(action, 'replace' as const),
  source_labels: optional(listOf(fullText), []),
  separator: optional(text, ';'),
  regex: optional(regex, DEFAULT_REGEX),
  target_label: optional(text, ''),
  replacement: optional(text, '$1'),
  modulus: optional(integer(1, LARGEST_MODULUS), 0),
});

/** One rule of `relabel_configs` or `metric_relabel_configs`. */
export const relabelRule: Reader<RelabelRule> = (tree, note) => {
  const value = fields(tree, note);
  if (value === undefined) return undefined;
  const rule: RelabelRule = {
    action: value.action,
    sourceLabels: value.source_labels,
    separator: value.separator,
    regex: value.regex,
    targetLabel: value.target_label,
    replacement: value.replacement,
    modulus: value.modulus,
  };
  return allowRule(rule, tree, note) ? rule : undefined;
};

const NEEDS_TARGET: readonly RelabelAction[] = ['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal'];
const ONLY_REGEX: readonly RelabelAction[] = ['labeldrop', 'labelkeep'];
const ONLY_LABELS: readonly RelabelAction[] = ['keepequal', 'dropequal'];

function allowRule(rule: RelabelRule, tree: Tree, note: Note): boolean {
  const { action: kind, targetLabel } = rule;
  const wrong: [string, string][] = [];
  if (NEEDS_TARGET.includes(kind)) {
    if (targetLabel === '') wrong.push(['action', `${kind} needs target_label`]);
    else if (kind === 'replace' ? !isTemplate(targetLabel) : targetLabel.includes('$'))
      wrong.push(['target_label', `${JSON.stringify(targetLabel)} is no label name`]);
  }
  if (kind === 'hashmod' && rule.modulus === 0) wrong.push(['action', 'hashmod needs modulus']);
  if (kind === 'labelmap' && !isTemplate(rule.replacement))
    wrong.push(['replacement', `${JSON.stringify(rule.replacement)} makes no label name`]);
  const allowed = ONLY_REGEX.includes(kind)
    ? ['action', 'regex']
    : ONLY_LABELS.includes(kind)
      ? ['action', 'source_labels', 'target_label']
      : null;
  for (const key of ['source_labels', 'target_label', 'regex', 'separator', 'replacement', 'modulus']) {
    if (allowed !== null && !allowed.includes(key) && entryOf(tree, key) !== undefined) wrong.push([key, `${kind} has no ${key}`]);
  }
  for (const [key, message] of wrong) note(spotOf(tree, key), message);
  return wrong.length === 0;
}

/** Whether a template with `$1` and the like may become a label name. */
function isTemplate(template: string): boolean {
  return /^[^$]+$/.test(template.replaceAll(/\$(?:\{\w+\}|\w+)/g, 'x'));
}
