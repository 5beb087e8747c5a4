import type { Parsed } from '../base/problem.ts';
import type { AggregateOp, At, BinaryOp, Expr, Length, Matching } from './ast.ts';
import { isSetOp } from './ast.ts';
import { checkDepth, checkExpr } from './check-expr.ts';
import { aggregators, lexExpr, type Token } from './lex.ts';
import { formatShortest, parseNumber } from './number.ts';
import { durationSeconds, parseDurationExpr, parseOffset } from './parse-duration.ts';
import { parseGrouping, parseSelector, unquote } from './parse-selector.ts';
import { ParseState, problemAt, SyntaxProblem } from './parse-state.ts';
import { signatures } from './signatures.ts';

/** The longest expression that is parsed, in UTF-16 code units. */
export const EXPRESSION_LIMIT = 65_536;

const POWER: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '>': 3,
  '<=': 3,
  '>=': 3,
  '</': 3,
  '>/': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  atan2: 5,
  '^': 7,
};
/** A sign binds like a multiplication, but looser than a power: -2^2 is -4. */
const SIGN_POWER = 6;

/**
 * Parses and type-checks a PromQL expression. Never throws: a bad text is one problem with line and column and Prometheus' wording.
 * The grammar is the one of Prometheus 3.14 with everything that is experimental there.
 */
export function parseExpr(text: string): Parsed<Expr> {
  if (text.length > EXPRESSION_LIMIT) {
    return { value: null, problems: [{ message: `parse error: expression is longer than ${EXPRESSION_LIMIT} characters` }] };
  }
  try {
    const state = new ParseState(text, lexExpr(text));
    if (state.isKind('end')) throw new SyntaxProblem('no expression found in input', { from: 0, to: 0 });
    const expr = parseBinary(state, 0);
    if (!state.isKind('end')) state.unexpected();
    checkDepth(expr);
    checkExpr(expr);
    return { value: expr, problems: [] };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return { value: null, problems: [problemAt(text, error.span.from, error.message)] };
  }
}

function parseBinary(state: ParseState, power: number): Expr {
  return state.nested(() => {
    let left = parseSigned(state);
    for (;;) {
      const { token } = state;
      const op = token.kind === 'operator' ? token.text.toLowerCase() : '';
      const next = POWER[op] ?? 0;
      if (next === 0 || next < power) {
        if (token.kind === 'error') state.take();
        return left;
      }
      state.take();
      const modifiers = parseMatching(state, op as BinaryOp, { left, operator: token });
      const right = parseBinary(state, op === '^' ? next : next + 1);
      left = {
        kind: 'binary',
        op: op as BinaryOp,
        opSpan: { from: token.from, to: token.to },
        left,
        right,
        ...modifiers,
        from: left.from,
        to: right.to,
      };
    }
  });
}

function parseSigned(state: ParseState): Expr {
  const { token } = state;
  if (!state.is('-') && !state.is('+')) return parsePostfix(state);
  state.take();
  const expr = parseBinary(state, SIGN_POWER);
  const op = token.text === '-' ? '-' : '+';
  if (expr.kind === 'number') return { ...expr, value: op === '-' ? -expr.value : expr.value, from: token.from };
  return { kind: 'unary', op, expr, from: token.from, to: expr.to };
}

interface Operand {
  readonly left: Expr;
  readonly operator: Token;
}

function parseMatching(
  state: ParseState,
  op: BinaryOp,
  { left, operator }: Operand,
): { readonly bool: boolean; readonly matching: Matching } {
  const bool = state.keyword === 'bool';
  if (bool) state.take();
  let cardinality: Matching['cardinality'] = isSetOp(op) ? 'many-to-many' : 'one-to-one';
  let labels: readonly string[] = [];
  let include: readonly string[] = [];
  const word = state.keyword;
  const on = word === 'on';
  if (on || word === 'ignoring') {
    state.take();
    labels = parseGrouping(state);
    const side = state.keyword;
    if (side === 'group_left' || side === 'group_right') {
      state.take();
      if (isSetOp(op)) throw new SyntaxProblem(`no grouping allowed for "${op}" operation`, left);
      cardinality = side === 'group_left' ? 'many-to-one' : 'one-to-many';
      // What begins no operand is taken for a missing parenthesis.
      if (state.is('(') || !startsExpr(state)) include = parseGrouping(state);
      for (const label of include) {
        if (on && labels.includes(label))
          throw new SyntaxProblem(`label "${label}" must not occur in ON and GROUP clause at once`, operator);
      }
    }
  }
  return { bool, matching: { cardinality, on, labels, include, ...parseFill(state, op, left) } };
}

function parseFill(state: ParseState, op: BinaryOp, left: Expr): { readonly fillLeft: number | null; readonly fillRight: number | null } {
  let fillLeft: number | null = null;
  let fillRight: number | null = null;
  for (let round = 0; round < 2; round += 1) {
    const { keyword } = state;
    if (keyword !== 'fill' && keyword !== 'fill_left' && keyword !== 'fill_right') break;
    // A metric may be called `fill`: only parentheses make it a modifier.
    if (!(state.following.kind === 'punctuation' && state.following.text === '(')) break;
    state.take();
    if (isSetOp(op)) throw new SyntaxProblem('filling in missing series not allowed for set operators', left);
    state.expect('(', 'fill modifier');
    const negative = state.is('-');
    if (negative || state.is('+')) state.take();
    const value = parseLiteral(state.token);
    if (value === null) state.unexpected('fill modifier', 'number');
    state.take();
    state.expect(')', 'fill modifier');
    const signed = negative ? -value : value;
    if (keyword !== 'fill_right') fillLeft = signed;
    if (keyword !== 'fill_left') fillRight = signed;
    if (keyword === 'fill') break;
  }
  return { fillLeft, fillRight };
}

function parseLiteral(token: Token): number | null {
  if (token.kind === 'duration') return durationSeconds(token.text);
  return token.kind === 'number' ? parseNumber(token.text) : null;
}

function parsePostfix(state: ParseState): Expr {
  let expr = parsePrimary(state);
  for (;;) {
    const { keyword } = state;
    if (state.is('[')) expr = parseRange(state, expr);
    else if (state.is('@')) expr = withAt(expr, parseAt(state, expr));
    else if (state.token.kind === 'keyword' && keyword === 'offset') expr = withOffset(expr, parseOffset(state));
    else if (state.token.kind === 'keyword' && (keyword === 'anchored' || keyword === 'smoothed'))
      expr = withEdges(expr, state.take(), keyword);
    else return expr;
    expr = { ...expr, to: state.lastEnd };
  }
}

function parsePrimary(state: ParseState): Expr {
  const { token, keyword } = state;
  if (token.kind === 'number' || token.kind === 'duration') {
    state.take();
    const value = parseLiteral(token);
    if (value === null)
      throw new SyntaxProblem(`error parsing number: strconv.ParseFloat: parsing ${JSON.stringify(token.text)}: invalid syntax`, token);
    return { kind: 'number', value, duration: token.kind === 'duration', from: token.from, to: token.to };
  }
  if (token.kind === 'string') {
    state.take();
    return { kind: 'string', value: unquote(token.text, token.from, token.to), from: token.from, to: token.to };
  }
  if (state.is('(')) {
    state.take();
    const expr = parseBinary(state, 0);
    const close = state.expect(')', '', '');
    return { kind: 'paren', expr, from: token.from, to: close.to };
  }
  if (state.is('{')) return parseSelector(state);
  const opens = state.following.kind === 'punctuation' && state.following.text === '(';
  if (aggregators.has(keyword)) {
    const word = state.following.kind === 'keyword' ? state.following.text.toLowerCase() : '';
    if (opens || word === 'by' || word === 'without') return parseAggregate(state, keyword as AggregateOp);
    return parseSelector(state);
  }
  if (token.kind === 'identifier' && opens) return parseCall(state);
  const word =
    token.kind === 'keyword' && keyword !== 'bool' && keyword !== 'ignoring' && keyword !== 'on' && !keyword.startsWith('group_');
  const operator = token.kind === 'operator' && /^(?:and|or|unless)$/i.test(token.text);
  if (token.kind === 'identifier' || token.kind === 'metric' || word || operator) return parseSelector(state);
  return state.unexpected();
}

function parseArguments(state: ParseState): Expr[] {
  state.expect('(', '', '');
  const args: Expr[] = [];
  while (!state.is(')')) {
    args.push(parseBinary(state, 0));
    const comma = state.token;
    if (!state.skip(',')) {
      if (!state.is(')')) state.unexpected();
    } else if (!state.isKind('error') && !startsExpr(state)) {
      throw new SyntaxProblem('trailing commas not allowed in function call args', comma);
    }
  }
  state.take();
  return args;
}

/** Words that are never names of metrics. */
const NO_NAMES: ReadonlySet<string> = new Set(['bool', 'on', 'ignoring', 'group_left', 'group_right']);

/** Can an expression begin with the current token? One that is an error is told as such. */
function startsExpr(state: ParseState): boolean {
  if (state.isKind('keyword')) return !NO_NAMES.has(state.keyword);
  if (state.is('(') || state.is('{') || state.is('-') || state.is('+')) return true;
  return !state.isKind('punctuation') && !state.isKind('end') && (!state.isKind('operator') || /^[a-z]/i.test(state.token.text));
}

function parseCall(state: ParseState): Expr {
  const token = state.take();
  const args = parseArguments(state);
  if (!signatures.has(token.text)) throw new SyntaxProblem(`unknown function with name ${JSON.stringify(token.text)}`, token);
  return { kind: 'call', name: token.text, args, from: token.from, to: state.lastEnd };
}

function parseAggregate(state: ParseState, op: AggregateOp): Expr {
  const token = state.take();
  let grouping: readonly string[] = [];
  let without = false;
  const parseModifier = (): boolean => {
    const { keyword } = state;
    if (keyword !== 'by' && keyword !== 'without') return false;
    state.take();
    without = keyword === 'without';
    grouping = parseGrouping(state);
    return true;
  };
  const { before, args } = state.aggregating(() => ({ before: parseModifier(), args: parseArguments(state) }));
  if (!before) parseModifier();
  const span = { from: token.from, to: state.lastEnd };
  const parametric =
    op === 'topk' || op === 'bottomk' || op === 'limitk' || op === 'limit_ratio' || op === 'count_values' || op === 'quantile';
  const wanted = parametric ? 2 : 1;
  const expr = args[wanted - 1];
  if (args.length === 0 || expr === undefined || args.length !== wanted) {
    if (args.length === 0) throw new SyntaxProblem('no arguments for aggregate expression provided', span);
    throw new SyntaxProblem(`wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`, span);
  }
  return { kind: 'aggregate', op, param: parametric ? (args[0] ?? null) : null, expr, grouping, without, ...span };
}

function parseRange(state: ParseState, expr: Expr): Expr {
  const open = state.take();
  const range = parseDurationExpr(state, 'subquery or range selector');
  if (state.skip(':')) {
    const step = state.is(']') ? null : parseDurationExpr(state, 'subquery step');
    state.expect(']', 'subquery selector');
    return { kind: 'subquery', expr, range, step, offset: 0, at: null, from: expr.from, to: state.lastEnd };
  }
  state.expect(']', 'subquery or range', '":" or "]"');
  const span = { from: open.from, to: state.lastEnd };
  if (expr.kind !== 'selector') throw new SyntaxProblem('ranges only allowed for vector selectors', span);
  if (expr.offset !== 0) throw new SyntaxProblem('no offset modifiers allowed before range', span);
  if (expr.at !== null) throw new SyntaxProblem('no @ modifiers allowed before range', span);
  if (expr.edges !== 'plain') throw new SyntaxProblem(`no ${expr.edges} modifiers allowed before range`, span);
  return { kind: 'matrix', selector: expr, range, from: expr.from, to: state.lastEnd };
}

/** The latest instant in seconds: 2^63 milliseconds. */
const MOST_SECONDS = 2 ** 63 / 1000;

function parseAt(state: ParseState, expr: Expr): At {
  state.take();
  const { keyword } = state;
  if (keyword === 'start' || keyword === 'end') {
    state.take();
    state.expect('(', '@', 'timestamp');
    state.expect(')', '@', 'timestamp');
    return { kind: keyword };
  }
  const negative = state.is('-');
  if (negative || state.is('+')) state.take();
  const { token } = state;
  const value = parseLiteral(token);
  if (value === null) state.unexpected('@', 'timestamp');
  state.take();
  const seconds = negative ? -value : value;
  if (!Number.isFinite(seconds) || Math.abs(seconds) >= MOST_SECONDS) {
    const shown = Number.isFinite(seconds) ? `${BigInt(Math.trunc(seconds))}.000000` : formatShortest(seconds);
    throw new SyntaxProblem(`timestamp out of bounds for @ modifier: ${shown}`, expr);
  }
  return { kind: 'time', time: Math.round(seconds * 1000) };
}

function withAt(expr: Expr, at: At): Expr {
  const target = expr.kind === 'matrix' ? expr.selector : expr;
  if (target.kind !== 'selector' && target.kind !== 'subquery') {
    throw new SyntaxProblem(`@ modifier must be preceded by an instant vector selector or range vector selector or a subquery`, expr);
  }
  if (target.at !== null) throw new SyntaxProblem('@ <timestamp> may not be set multiple times', expr);
  if (expr.kind === 'matrix') return { ...expr, selector: { ...expr.selector, at } };
  return { ...target, at };
}

function withOffset(expr: Expr, offset: Length): Expr {
  const target = expr.kind === 'matrix' ? expr.selector : expr;
  if (target.kind !== 'selector' && target.kind !== 'subquery') {
    throw new SyntaxProblem(`offset modifier must be preceded by an instant vector selector or range vector selector or a subquery`, expr);
  }
  if (target.offset !== 0) throw new SyntaxProblem('offset may not be set multiple times', expr);
  if (expr.kind === 'matrix') return { ...expr, selector: { ...expr.selector, offset } };
  return { ...target, offset };
}

function withEdges(expr: Expr, token: Token, edges: 'anchored' | 'smoothed'): Expr {
  const selector = expr.kind === 'matrix' ? expr.selector : expr;
  if (selector.kind !== 'selector' || (edges === 'anchored' && expr.kind !== 'matrix')) {
    const target = edges === 'anchored' ? 'a range vector selector' : 'an instant vector selector or range vector selector';
    throw new SyntaxProblem(`${edges} modifier must be preceded by ${target}`, token);
  }
  if (selector.edges !== 'plain') throw new SyntaxProblem(`${selector.edges} and ${edges} modifiers cannot be used together`, token);
  return expr.kind === 'matrix' ? { ...expr, selector: { ...selector, edges } } : { ...selector, edges };
}
