import type { DurationExpr, Length } from './ast.ts';
import { toMillis } from './duration.ts';
import { parseNumber } from './number.ts';
import { type ParseState, SyntaxProblem } from './parse-state.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };
const ORDER = 'y w d h m s ms'.split(' ');
/** The longest length of time: Go's time.Duration, 2^63 nanoseconds, in seconds. */
const LONGEST = 9_223_372_036;

/** `1h30m` in seconds; null when the units are not from large to small or the sum is out of range. */
export function durationSeconds(text: string): number | null {
  let millis = 0;
  let last = -1;
  for (const [, count, unit] of text.matchAll(/([0-9]+)(ms|[smhdwy])/g)) {
    const place = ORDER.indexOf(unit ?? '');
    if (place <= last) return null;
    last = place;
    millis += Number(count) * Math.round((UNITS[unit ?? ''] ?? 0) * 1000);
  }
  const seconds = millis / 1000;
  return seconds > LONGEST ? null : seconds;
}

type ArithmeticOp = Extract<DurationExpr, { kind: 'arithmetic' }>['op'];
const POWER: Readonly<Record<string, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 4 };
const UNARY_POWER = 3;

/** A length of time inside brackets: any arithmetic. */
export function parseDurationExpr(state: ParseState, context: string): Length {
  return fold(state, parseArithmetic(state, 0, context), context === 'subquery step' ? 'step' : 'range');
}

/** `offset` and the length of time after it: one signed term; arithmetic needs parentheses. */
export function parseOffset(state: ParseState): Length {
  state.take();
  return fold(state, parseTerm(state, 'offset', UNARY_POWER), 'offset');
}

/** Plain lengths become milliseconds at once; what depends on the query stays an expression. */
function fold(state: ParseState, expr: DurationExpr, role: 'range' | 'step' | 'offset'): Length {
  const plain = plainSeconds(expr);
  if (plain === null) return expr;
  if (role !== 'offset' && plain <= 0) throw new SyntaxProblem('duration must be greater than 0', expr);
  if (Math.abs(plain) > LONGEST) throw new SyntaxProblem('duration out of range', expr);
  void state;
  return toMillis(plain);
}

function plainSeconds(expr: DurationExpr): number | null {
  if (expr.kind === 'length') return expr.seconds;
  if (expr.kind === 'minus' && expr.expr.kind === 'length') return -expr.expr.seconds;
  if (expr.kind === 'plus' && expr.expr.kind === 'length') return expr.expr.seconds;
  return null;
}

function parseArithmetic(state: ParseState, power: number, context: string): DurationExpr {
  return state.nested(() => {
    let left = parseTerm(state, context, UNARY_POWER);
    for (;;) {
      const { token } = state;
      const next = token.kind === 'operator' ? (POWER[token.text] ?? 0) : 0;
      if (next === 0 || next < power) return left;
      state.take();
      const right = parseArithmetic(state, token.text === '^' ? next : next + 1, context);
      left = { kind: 'arithmetic', op: token.text as ArithmeticOp, left, right, from: left.from, to: right.to };
    }
  });
}

function parseTerm(state: ParseState, context: string, signPower: number): DurationExpr {
  const { token } = state;
  if (state.is('-') || state.is('+')) {
    state.take();
    const expr = context === 'offset' ? parseTerm(state, context, signPower) : parseArithmetic(state, signPower, context);
    return { kind: token.text === '-' ? 'minus' : 'plus', expr, from: token.from, to: expr.to };
  }
  if (state.skip('(')) {
    const expr = parseArithmetic(state, 0, context === 'offset' ? 'duration expression' : context);
    const close = state.expect(')', 'duration expression');
    return { kind: 'paren', expr, from: token.from, to: close.to };
  }
  if (token.kind === 'number' || token.kind === 'duration') {
    state.take();
    const seconds = token.kind === 'number' ? parseNumber(token.text) : durationSeconds(token.text);
    if (seconds === null || !Number.isFinite(seconds) || Math.abs(seconds) > LONGEST) {
      throw new SyntaxProblem(token.kind === 'number' ? 'duration out of range' : `not a valid duration string: "${token.text}"`, token);
    }
    return { kind: 'length', seconds, text: token.text, from: token.from, to: token.to };
  }
  return parseDurationCall(state, context);
}

function parseDurationCall(state: ParseState, context: string): DurationExpr {
  const { token, keyword } = state;
  if (keyword === 'step' || keyword === 'range') {
    state.take();
    state.expect('(', 'duration expression');
    const close = state.expect(')', 'duration expression');
    return { kind: keyword, from: token.from, to: close.to };
  }
  if (keyword === 'min_of' || keyword === 'max_of') {
    state.take();
    state.expect('(', 'duration expression');
    const left = parseArithmetic(state, 0, 'duration expression');
    state.expect(',', 'duration expression');
    const right = parseArithmetic(state, 0, 'duration expression');
    const close = state.expect(')', 'duration expression');
    return { kind: keyword, left, right, from: token.from, to: close.to };
  }
  if (context === 'offset') state.unexpected('offset', 'number, duration, step(), or range()');
  if (context === 'subquery step') state.unexpected('subquery selector', 'number, duration, step(), range(), or "]"');
  return state.unexpected(context, 'number, duration, step(), or range()');
}
