import { RE2JS } from 're2js';
import type { Parsed } from '../base/problem.ts';
import { analyzePattern, testPieces } from './pattern.ts';

/** How a label is compared: equal, not equal, fully matched by an RE2 expression, not matched by it. */
export type MatchOp = '=' | '!=' | '=~' | '!~';

/** A condition on one label as it is written; a label that is absent has the value ''. */
export interface Matcher {
  readonly name: string;
  readonly op: MatchOp;
  readonly value: string;
}

/** A matcher ready to be asked; immutable, so it can be shared and kept. */
export interface CompiledMatcher extends Matcher {
  /** Does the label value (`''` = absent) satisfy the matcher? Linear in the length of the value. */
  readonly test: (value: string) => boolean;
  /** Every value that `=` or `=~` accepts (or that `!=` or `!~` refuses) when they are finitely many and known; else null. */
  readonly literals: readonly string[] | null;
  /** Every value accepted by `=~` (refused by `!~`) begins with this; '' when nothing is known. */
  readonly prefix: string;
}

/** The longest regular expression that needs a program, in UTF-16 code units; lists of texts may be longer. */
const PATTERN_LIMIT = 16_384;
/** The largest RE2 program that is kept, in instructions. */
const PROGRAM_LIMIT = 20_000;

/** Compiles a matcher. A regular expression is RE2's, anchored at both ends, and its dot matches newlines; a bad one is a problem. */
export function compileMatcher(matcher: Matcher): Parsed<CompiledMatcher> {
  const { name, op, value } = matcher;
  if (op === '=') return ready({ name, op, value, test: (text) => text === value, literals: [value], prefix: value });
  if (op === '!=') return ready({ name, op, value, test: (text) => text !== value, literals: [value], prefix: value });
  const positive = compilePattern(value);
  if (typeof positive === 'string') return { value: null, problems: [{ message: positive }] };
  const { test, literals, prefix } = positive;
  return ready({ name, op, value, test: op === '=~' ? test : (text) => !test(text), literals, prefix });
}

/** An anchored regular expression as Prometheus understands it, or the text of what is wrong with it. */
function compilePattern(pattern: string): Pick<CompiledMatcher, 'test' | 'literals' | 'prefix'> | string {
  const pieces = analyzePattern(pattern);
  if (pieces !== null) {
    if (pieces.kind === 'set') {
      const set = new Set(pieces.values);
      const [only] = pieces.values;
      const test = set.size === 1 ? (text: string) => text === only : (text: string) => set.has(text);
      return { test, literals: [...set], prefix: set.size === 1 ? (only ?? '') : '' };
    }
    const prefix = pieces.pieces[0]?.gap === 'none' ? pieces.pieces[0].text : '';
    return { test: (text) => testPieces(pieces.pieces, text), literals: null, prefix };
  }
  const program = compileRegex(pattern);
  return typeof program === 'string' ? program : { test: (text) => program.matches(text), literals: null, prefix: '' };
}

/** Compiles an RE2 expression whose dot matches newlines (not anchored by itself: use `matches`), or says what is wrong with it. */
export function compileRegex(pattern: string): RE2JS | string {
  if (pattern.length > PATTERN_LIMIT) return `error parsing regexp: expression exceeds ${PATTERN_LIMIT} characters`;
  try {
    const program = RE2JS.compile(pattern, RE2JS.DOTALL);
    return program.programSize() > PROGRAM_LIMIT ? 'error parsing regexp: expression too large' : program;
  } catch (error) {
    // The flags that stand before the expression are not the author's.
    return error instanceof Error ? error.message.replace('(?s)', '') : String(error);
  }
}

/** Does the label set satisfy every matcher? */
export function matchesLabels(matchers: readonly CompiledMatcher[], labels: Readonly<Record<string, string>>): boolean {
  for (const matcher of matchers) {
    if (!matcher.test(labels[matcher.name] ?? '')) return false;
  }
  return true;
}

function ready(value: CompiledMatcher): Parsed<CompiledMatcher> {
  return { value, problems: [] };
}
