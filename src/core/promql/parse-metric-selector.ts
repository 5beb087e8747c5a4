import type { Parsed } from '../base/problem.ts';
import type { SelectorExpr } from './ast.ts';
import { lexExpr } from './lex.ts';
import { EXPRESSION_LIMIT } from './parse-expr.ts';
import { parseSelector } from './parse-selector.ts';
import { ParseState, problemAt, SyntaxProblem } from './parse-state.ts';

/**
 * Parses a selector alone, as `match[]` takes it: no range, no offset, and matchers that accept everything are allowed. Never throws: a bad
 * text is one problem with line and column and Prometheus' wording.
 */
export function parseMetricSelector(text: string): Parsed<SelectorExpr> {
  if (text.length > EXPRESSION_LIMIT) {
    return { value: null, problems: [{ message: `parse error: selector is longer than ${EXPRESSION_LIMIT} characters` }] };
  }
  try {
    const state = new ParseState(text, lexExpr(text));
    if (!state.is('{') && !isName(state)) state.unexpected();
    const selector = parseSelector(state);
    if (!state.isKind('end')) state.unexpected();
    return { value: selector, problems: [] };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return { value: null, problems: [problemAt(text, error.span.from, error.message)] };
  }
}

function isName({ token }: ParseState): boolean {
  const isWord = token.kind === 'identifier' || token.kind === 'metric' || token.kind === 'keyword' || token.kind === 'operator';
  return isWord && /^[a-zA-Z_:]/.test(token.text);
}
