import type { Expr } from '../../../src/core/promql/ast.ts';

/** Functions whose result depends on the evaluation time itself. */
const UNSAFE = new Set(
  'days_in_month day_of_month day_of_week day_of_year hour minute month year predict_linear time timestamp start end range step'.split(' '),
);

/** The expression with `@ time` on every selector and subquery that names no time of its own yet; null when it depends on the time in other ways. */
export function pinExpr(expr: Expr, time: number): Expr | null {
  return isSafe(expr) ? pin(expr, time) : null;
}

function isSafe(expr: Expr): boolean {
  switch (expr.kind) {
    case 'call':
      return !UNSAFE.has(expr.name) && expr.args.every(isSafe);
    case 'binary':
      return isSafe(expr.left) && isSafe(expr.right);
    case 'aggregate':
      return isSafe(expr.expr) && (expr.param === null || isSafe(expr.param));
    case 'paren':
    case 'unary':
      return isSafe(expr.expr);
    default:
      return true;
  }
}

function pin(expr: Expr, time: number): Expr {
  const at = { kind: 'time', time } as const;
  switch (expr.kind) {
    case 'selector':
    case 'subquery':
      return expr.at?.kind === 'time' ? expr : { ...expr, at };
    case 'matrix':
      return expr.selector.at?.kind === 'time' ? expr : { ...expr, selector: { ...expr.selector, at } };
    case 'paren':
    case 'unary':
      return { ...expr, expr: pin(expr.expr, time) };
    case 'binary':
      return { ...expr, left: pin(expr.left, time), right: pin(expr.right, time) };
    case 'call':
      // The second argument of info() is a list of matchers, not a selector.
      return { ...expr, args: expr.args.map((arg, index) => (expr.name === 'info' && index === 1 ? arg : pin(arg, time))) };
    case 'aggregate':
      return { ...expr, param: expr.param === null ? null : pin(expr.param, time), expr: pin(expr.expr, time) };
    default:
      return expr;
  }
}
