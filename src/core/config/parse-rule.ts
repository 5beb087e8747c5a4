import { LEVELS } from '../alerts/severity.ts';
import { MINUTE, SECOND } from '../base/time.ts';
import { typeOf } from '../promql/check-expr.ts';
import { parseExpr } from '../promql/parse-expr.ts';
import type { Condition, Rule } from '../rules/rule.ts';
import {
  duration,
  fullText,
  listed,
  type Note,
  number,
  optional,
  positiveDuration,
  type Reader,
  record,
  required,
  text,
} from './readers.ts';
import { labelTexts, sourceOf, template } from './shared-readers.ts';
import { type Entry, spotOf, type Tree } from './tree.ts';

const CONDITION = { above: optional(number, null), below: optional(number, null), for: optional(duration, 0) };
const condition = orderedCondition(record(CONDITION));

/** PromQL that gives a vector or a scalar. */
const expression: Reader<string> = (tree, note) => {
  const written = fullText(tree, note);
  if (written === undefined) return undefined;
  const { value, problems } = parseExpr(written);
  for (const { message } of problems) note(tree, `not PromQL: ${message}`);
  if (value === null) return undefined;
  const type = typeOf(value);
  if (type === 'vector' || type === 'scalar') return written;
  note(tree, `a rule needs an instant vector or a scalar, but this is a ${type === 'matrix' ? 'range vector' : type}`);
  return undefined;
};

const fields = record(
  {
    expr: required(expression),
    critical: optional(condition, null),
    error: optional(condition, null),
    warning: optional(condition, null),
    notice: optional(condition, null),
    recovery: optional(condition, null),
    labels: optional(labelTexts(text, 'alertname', 'severity'), {}),
    annotations: optional(labelTexts(template), {}),
    every: optional(positiveDuration, 15 * SECOND),
    forget_after: optional(duration, 10 * MINUTE),
  },
  ['severity_max', 'notify', 'delay', 'keep_firing_for', 'runbook'],
);

/** A rule of the section `rules`. */
export function parseRule({ key, at, value: tree }: Entry, note: Note): Rule | undefined {
  const value = fields(tree, note);
  if (value === undefined) return undefined;
  const levels = LEVELS.flatMap((name) => {
    const level = value[name];
    return level === null ? [] : [{ name, ...level }];
  });
  const { recovery } = value;
  if (levels.length === 0) {
    note(at, `a rule needs a level: ${listed(LEVELS)}`);
    return undefined;
  }
  if (recovery !== null && !allowRecovery(levels, recovery, tree, note)) return undefined;
  return {
    name: key,
    expr: value.expr,
    levels,
    recovery,
    labels: value.labels,
    annotations: value.annotations,
    every: value.every,
    forgetAfter: value.forget_after,
    source: sourceOf(at),
  };
}

function orderedCondition<T extends Condition>(read: Reader<T>): Reader<T> {
  return (tree, note) => {
    const value = read(tree, note);
    if (value === undefined || value.above === null || value.below === null || value.above < value.below) return value;
    note(tree, `nothing is above ${value.above} and below ${value.below}`);
    return undefined;
  };
}

function allowRecovery(levels: readonly (Condition & { readonly name: string })[], recovery: Condition, tree: Tree, note: Note): boolean {
  if (recovery.above === null && recovery.below === null) {
    note(spotOf(tree, 'recovery'), 'a recovery needs above or below');
    return false;
  }
  const overlapping = levels.find((level) => Math.max(lowOf(level), lowOf(recovery)) < Math.min(highOf(level), highOf(recovery)));
  if (overlapping === undefined) return true;
  note(spotOf(tree, 'recovery'), `a value can be recovered and ${overlapping.name} at once: the conditions overlap`);
  return false;
}

const lowOf = ({ above }: Condition): number => above ?? Number.NEGATIVE_INFINITY;
const highOf = ({ below }: Condition): number => below ?? Number.POSITIVE_INFINITY;
