import type { RE2JS } from 're2js';
import type { Labels } from '../base/labels.ts';
import { md5 } from '../base/md5.ts';
import { compileMatcher, compileRegex } from '../promql/matcher.ts';
import { DEFAULT_REGEX, type RelabelRule } from './relabel-rule.ts';

/** Changes labels in place; false: what they belong to is dropped. */
type Step = (labels: Record<string, string>) => boolean;

/** Relabelling rules made ready, to be used again and again. */
export interface Relabelling {
  readonly isEmpty: boolean;
  /** The labels after all rules, without empty ones; null: dropped. */
  apply(labels: Labels): Labels | null;
}

/** Makes the rules of Prometheus' relabelling ready (prometheus/prometheus model/relabel). A rule whose expression cannot be read does nothing. */
export function compileRelabelling(rules: readonly RelabelRule[]): Relabelling {
  const steps = rules.map(compileStep);
  return {
    isEmpty: steps.length === 0,
    apply: (labels) => {
      const changed: Record<string, string> = { ...labels };
      for (const step of steps) if (!step(changed)) return null;
      return changed;
    },
  };
}

function compileStep(rule: RelabelRule): Step {
  const { action, targetLabel } = rule;
  const source = sourceOf(rule);
  switch (action) {
    case 'keep':
    case 'drop': {
      const test = testOf(rule.regex);
      return (labels) => test(source(labels)) === (action === 'keep');
    }
    case 'keepequal':
      return (labels) => get(labels, targetLabel) === source(labels);
    case 'dropequal':
      return (labels) => get(labels, targetLabel) !== source(labels);
    case 'lowercase':
      return (labels) => set(labels, targetLabel, source(labels).toLowerCase());
    case 'uppercase':
      return (labels) => set(labels, targetLabel, source(labels).toUpperCase());
    case 'hashmod':
      return (labels) => set(labels, targetLabel, hashMod(source(labels), rule.modulus));
    case 'labeldrop':
    case 'labelkeep': {
      const test = testOf(rule.regex);
      return (labels) => {
        for (const name of Object.keys(labels)) if (test(name) === (action === 'labeldrop')) delete labels[name];
        return true;
      };
    }
    case 'labelmap':
      return labelMap(rule);
    case 'replace':
      return replace(rule, source);
  }
}

function sourceOf({ sourceLabels, separator }: RelabelRule): (labels: Labels) => string {
  const [only, ...others] = sourceLabels;
  if (only === undefined) return () => '';
  if (others.length === 0) return (labels) => get(labels, only);
  return (labels) => sourceLabels.map((name) => get(labels, name)).join(separator);
}

function get(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}

function set(labels: Record<string, string>, name: string, value: string): true {
  if (value === '') delete labels[name];
  else labels[name] = value;
  return true;
}

function testOf(regex: string): (text: string) => boolean {
  return compileMatcher({ name: '', op: '=~', value: regex }).value?.test ?? (() => false);
}

function labelMap({ regex, replacement }: RelabelRule): Step {
  const match = matchOf(regex);
  return (labels) => {
    for (const [name, value] of Object.entries(labels)) {
      const group = match(name);
      const target = group === null ? '' : expand(replacement, group);
      if (target !== '') set(labels, target, value);
    }
    return true;
  };
}

function replace({ regex, targetLabel, replacement }: RelabelRule, source: (labels: Labels) => string): Step {
  const match = matchOf(regex);
  const isPlain = !targetLabel.includes('$');
  return (labels) => {
    const group = match(source(labels));
    if (group === null) return true;
    const target = isPlain ? targetLabel : expand(targetLabel, group);
    return target === '' ? true : set(labels, target, expand(replacement, group));
  };
}

/** The text of a group by number or name: '' when it took no part, or there is none. */
type Group = (name: string) => string;

function matchOf(regex: string): (text: string) => Group | null {
  if (regex === DEFAULT_REGEX) return (text) => (name) => (name === '0' || name === '1' ? text : '');
  const program = compileRegex(regex);
  if (typeof program === 'string') return () => null;
  return (text) => matchWhole(program, text);
}

function matchWhole(program: RE2JS, text: string): Group | null {
  const matcher = program.matcher(text);
  if (!matcher.matches()) return null;
  const names = program.namedGroups();
  return (name) => {
    const index = /^\d+$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? Number(names[name]) : -1;
    return index < 0 || index > matcher.groupCount() ? '' : (matcher.group(index) ?? '');
  };
}

/** A template as Go's regexp.Expand reads it: `$1`, `${1}`, `$name`, `${name}`, `$$`; a `$` before anything else stays. */
function expand(template: string, group: Group): string {
  if (!template.includes('$')) return template;
  return template.replaceAll(/\$(?:\$|\{(\w+)\}|(\w+)|)/g, (whole, braced: string | undefined, bare: string | undefined) => {
    if (whole === '$$') return '$';
    const name = braced ?? bare;
    return name === undefined ? '$' : group(name);
  });
}

/** The last eight bytes of the MD5 as a number, modulo `modulus`, as Prometheus computes it. */
function hashMod(text: string, modulus: number): string {
  const digest = md5(text);
  const { buffer, byteOffset } = digest;
  const hash = new DataView(buffer, byteOffset).getBigUint64(8);
  return String(hash % BigInt(Math.max(1, modulus)));
}
