import { NAME } from '../base/labels.ts';
import { bare, type CallExpr } from './ast.ts';
import { type CompiledMatcher, compileMatcher } from './matcher.ts';

/** Which series an `info` call reads for its labels. */
export interface InfoMatchers {
  /** Which names info series have. */
  readonly names: readonly CompiledMatcher[];
  /** What else was asked of them. */
  readonly labels: readonly CompiledMatcher[];
}

/** The matchers of the info series of a call: those of its second argument, and `target_info` where it names none. */
export function infoMatchers(call: CallExpr): InfoMatchers {
  const [, selector] = call.args;
  const given = selector === undefined ? undefined : bare(selector);
  const matchers = given?.kind === 'selector' ? given.matchers : [];
  return { names: nameMatchers(matchers), labels: matchers.filter((matcher) => matcher.name !== NAME) };
}

function nameMatchers(matchers: readonly CompiledMatcher[]): CompiledMatcher[] {
  const names = matchers.filter((matcher) => matcher.name === NAME);
  if (names.some((matcher) => matcher.op === '=' || matcher.op === '=~')) return names;
  // Without a name asked for: the customary one; with names only excluded: everything that is called so.
  const implied = compileMatcher(
    names.length === 0 ? { name: NAME, op: '=', value: 'target_info' } : { name: NAME, op: '=~', value: '.+_info' },
  );
  return implied.value === null ? names : [implied.value, ...names];
}
