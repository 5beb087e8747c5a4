import { NAME } from '../base/labels.ts';
import type { SelectorExpr, Span } from './ast.ts';
import { type CompiledMatcher, compileMatcher, type MatchOp } from './matcher.ts';
import { type ParseState, SyntaxProblem } from './parse-state.ts';
import { isValidText, parseQuoted } from './quote.ts';

/** A metric name, braces with matchers, or both. The metric name, when there is one, is the current token. */
export function parseSelector(state: ParseState): SelectorExpr {
  const { from } = state.token;
  let metric = '';
  const matchers: CompiledMatcher[] = [];
  if (!state.is('{')) {
    metric = state.take().text;
    matchers.push(matcherOf(NAME, '=', metric, { from, to: state.lastEnd }));
  }
  if (state.is('{')) parseBraces(state, matchers, { metric, from });
  return { kind: 'selector', metric, matchers, offset: 0, at: null, edges: 'plain', from, to: state.lastEnd };
}

interface Name {
  /** What stands before the braces. */
  readonly metric: string;
  readonly from: number;
}

function parseBraces(state: ParseState, matchers: CompiledMatcher[], { metric, from }: Name): void {
  const refuseTwo = (first: string, second: string): never => {
    throw new SyntaxProblem(`metric name must not be set twice: ${JSON.stringify(first)} or ${JSON.stringify(second)}`, {
      from,
      to: state.lastEnd,
    });
  };
  state.take();
  let named = metric;
  while (!state.is('}')) {
    const { token } = state;
    const quoted = token.kind === 'string';
    if (!quoted && token.kind !== 'identifier') state.unexpected('label matching', 'identifier or "}"');
    state.take();
    const name = quoted ? unquote(token.text, token.from, token.to) : token.text;
    const op = state.token;
    if (quoted && (state.is(',') || state.is('}'))) {
      // A quoted text alone is the metric name.
      if (named !== '') refuseTwo(named, name);
      named = name;
      matchers.push(matcherOf(NAME, '=', name, token));
    } else {
      if (op.kind !== 'operator' || !['=', '!=', '=~', '!~'].includes(op.text)) {
        state.unexpected('label matching', 'label matching operator');
      }
      state.take();
      const value = state.token;
      if (value.kind !== 'string') state.unexpected('label matching', 'string');
      state.take();
      if (name === NAME && metric !== '') {
        refuseTwo(metric, unquote(value.text, value.from, value.to));
      }
      matchers.push(matcherOf(name, op.text as MatchOp, unquote(value.text, value.from, value.to), token));
    }
    if (!state.skip(',') && !state.is('}')) state.unexpected('label matching', '"," or "}"');
  }
  state.take();
}

function matcherOf(name: string, op: MatchOp, value: string, span: Span): CompiledMatcher {
  const { value: matcher, problems } = compileMatcher({ name, op, value });
  if (matcher === null) throw new SyntaxProblem(problems[0]?.message ?? 'invalid matcher', span);
  return matcher;
}

/** The text of a string token; a wrong escape is a problem at its place. */
export function unquote(literal: string, from: number, to: number): string {
  const text = parseQuoted(literal);
  if (text === null) throw new SyntaxProblem(`error unquoting string ${JSON.stringify(literal)}: invalid syntax`, { from, to });
  return text;
}

/** Label names between parentheses, as `by`, `on` and `group_left` take them. */
export function parseGrouping(state: ParseState): string[] {
  state.expect('(', 'grouping opts');
  const names: string[] = [];
  while (!state.is(')')) {
    const { token } = state;
    if (token.kind === 'string') {
      const name = unquote(token.text, token.from, token.to);
      if (name === '' || !isValidText(name)) throw new SyntaxProblem(`invalid label name for grouping: ${JSON.stringify(name)}`, token);
      names.push(name);
    } else if (token.kind === 'identifier' || token.kind === 'keyword' || (token.kind === 'operator' && /^[a-zA-Z]/.test(token.text))) {
      names.push(token.text);
    } else {
      state.unexpected('grouping opts', 'label');
    }
    state.take();
    if (!state.skip(',') && !state.is(')')) state.unexpected('grouping opts', '"," or ")"');
  }
  state.take();
  return names;
}
