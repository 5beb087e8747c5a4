import type { Labels } from '../base/labels.ts';
import { compileMatcher } from '../promql/matcher.ts';
import type { LabelMatcher } from './matcher.ts';

/** Compiled forms live as long as the matchers they belong to: those of the configuration, or of one request. */
const compiled = new WeakMap<LabelMatcher, (value: string) => boolean>();

/** Do the labels satisfy every matcher? An absent label counts as the empty text; a matcher whose expression is bad matches nothing. */
export function matchesAll(matchers: readonly LabelMatcher[], labels: Labels): boolean {
  return matchers.every((matcher) => predicate(matcher)(valueOf(labels, matcher.name)));
}

function predicate(matcher: LabelMatcher): (value: string) => boolean {
  const known = compiled.get(matcher);
  if (known !== undefined) return known;
  const test = compileMatcher(matcher).value?.test ?? (() => false);
  compiled.set(matcher, test);
  return test;
}

function valueOf(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}
