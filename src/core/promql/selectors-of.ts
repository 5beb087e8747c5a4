import { type Millis, MINUTE } from '../base/time.ts';
import { type At, type CallExpr, childrenOf, type Expr, type Length, type SelectorExpr } from './ast.ts';
import { resolveLength } from './duration.ts';
import { infoMatchers } from './info-matchers.ts';
import type { CompiledMatcher } from './matcher.ts';
import { QueryError } from './query-error.ts';

/** What an expression reads: series that satisfy the matchers, between two instants. */
export interface Reading {
  readonly matchers: readonly CompiledMatcher[];
  /** The oldest and newest sample that matters, relative to the evaluation (both <= 0 unless an offset is negative); for `@` with a time, absolute. */
  readonly from: Millis;
  readonly to: Millis;
  readonly absolute: boolean;
}

const LOOKBACK = 5 * MINUTE;
const INSTANT = { start: 0, end: 0, step: 0 } as const;

/** Every selector of an expression, those that `info` implies among them, with the time range it needs in an instant query: which rules read which series, and how far back. */
export function selectorsOf(expr: Expr, lookback: Millis = LOOKBACK): Reading[] {
  const readings: Reading[] = [];
  visit(expr, { from: 0, to: 0, absolute: false }, lookback, readings);
  return readings;
}

interface Frame {
  readonly from: Millis;
  readonly to: Millis;
  readonly absolute: boolean;
}

function visit(expr: Expr, frame: Frame, lookback: Millis, readings: Reading[]): void {
  if (expr.kind === 'selector' || expr.kind === 'matrix') {
    const selector: SelectorExpr = expr.kind === 'matrix' ? expr.selector : expr;
    const shifted = shift(frame, selector.at, lengthOf(selector.offset));
    const plain = selector.edges === 'plain';
    const before = expr.kind === 'matrix' ? lengthOf(expr.range) + (plain ? 0 : lookback) : lookback;
    const after = selector.edges === 'smoothed' ? lookback : 0;
    readings.push({ ...shifted, from: shifted.from - before, to: shifted.to + after, matchers: selector.matchers });
    return;
  }
  if (expr.kind === 'subquery') {
    const shifted = shift(frame, expr.at, lengthOf(expr.offset));
    visit(expr.expr, { ...shifted, from: shifted.from - lengthOf(expr.range) }, lookback, readings);
    return;
  }
  if (expr.kind === 'call' && expr.name === 'info') {
    visitInfo(expr, frame, lookback, readings);
    return;
  }
  for (const child of childrenOf(expr)) visit(child, frame, lookback, readings);
}

/** Info series are read as of the first selector of the argument, also where the expression does not write them down. */
function visitInfo(call: CallExpr, frame: Frame, lookback: Millis, readings: Reading[]): void {
  const at = readings.length;
  const [vector] = call.args;
  if (vector !== undefined) visit(vector, frame, lookback, readings);
  const { from, to, absolute } = readings[at] ?? frame;
  const { names, labels } = infoMatchers(call);
  readings.push({ matchers: [...names, ...labels], from: Math.min(from, to - lookback), to, absolute });
}

/** A length that cannot be computed makes the query fail, whatever it reads. */
function lengthOf(length: Length): Millis {
  try {
    return resolveLength(length, INSTANT);
  } catch (error) {
    if (error instanceof QueryError) return 0;
    throw error;
  }
}

function shift(frame: Frame, at: At | null, offset: Millis): Frame {
  if (at?.kind === 'time') return { from: at.time - offset, to: at.time - offset, absolute: true };
  return { ...frame, from: frame.from - offset, to: frame.to - offset };
}
