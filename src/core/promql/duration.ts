import type { Millis } from '../base/time.ts';
import type { DurationExpr, Length } from './ast.ts';
import { QueryError } from './query-error.ts';

/** The longest length of time: Go's time.Duration, 2^63 nanoseconds, in seconds. */
const LONGEST = 9_223_372_036;

/** A length of time in milliseconds, with `step()` and `range()` taken from the query's grid. */
export function resolveLength(length: Length, grid: { readonly start: Millis; readonly end: Millis; readonly step: Millis }): Millis {
  if (typeof length === 'number') return length;
  const seconds = evalSeconds(length, grid);
  if (!Number.isFinite(seconds) || Math.abs(seconds) > LONGEST) throw new QueryError('duration out of range');
  return toMillis(seconds);
}

/** Seconds in whole milliseconds, cut off; what is only a rounding error below a millisecond is not. */
export function toMillis(seconds: number): Millis {
  return Math.trunc(Math.round(seconds * 1e6) / 1e3);
}

/** A length of time that must be positive: a range or the step of a subquery. */
export function resolvePositive(length: Length, grid: { readonly start: Millis; readonly end: Millis; readonly step: Millis }): Millis {
  const millis = resolveLength(length, grid);
  if (millis <= 0) throw new QueryError('duration must be greater than 0');
  return millis;
}

function evalSeconds(expr: DurationExpr, grid: { readonly start: Millis; readonly end: Millis; readonly step: Millis }): number {
  switch (expr.kind) {
    case 'length':
      return expr.seconds;
    case 'minus':
      return -evalSeconds(expr.expr, grid);
    case 'plus':
    case 'paren':
      return evalSeconds(expr.expr, grid);
    case 'step':
      return grid.step / 1000;
    case 'range':
      return (grid.end - grid.start) / 1000;
    case 'min_of':
      return Math.min(evalSeconds(expr.left, grid), evalSeconds(expr.right, grid));
    case 'max_of':
      return Math.max(evalSeconds(expr.left, grid), evalSeconds(expr.right, grid));
    case 'arithmetic':
      return arithmetic(expr.op, evalSeconds(expr.left, grid), evalSeconds(expr.right, grid));
  }
}

function arithmetic(op: '+' | '-' | '*' | '/' | '%' | '^', left: number, right: number): number {
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      if (right === 0) throw new QueryError('division by zero');
      return left / right;
    case '%':
      if (right === 0) throw new QueryError('modulo by zero');
      return left % right;
    case '^':
      return left ** right;
  }
}
