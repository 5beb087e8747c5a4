import type { Expr } from './ast.ts';
import { formatAggregation, formatExpr, formatOperator, formatSubqueryEnd } from './format-expr.ts';

/** What is longer than so many characters is broken into lines. */
const LONGEST_LINE = 100;

/** An expression in Prometheus' canonical form, broken into indented lines where it is long. */
export function formatPretty(expr: Expr): string {
  return formatAt(expr, 0);
}

function formatAt(expr: Expr, level: number): string {
  const indent = '  '.repeat(level);
  const whole = formatExpr(expr);
  if (whole.length <= LONGEST_LINE) return indent + whole;
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'selector':
    case 'matrix':
      return indent + whole;
    case 'paren':
      return `${indent}(\n${formatAt(expr.expr, level + 1)}\n${indent})`;
    case 'unary':
      return `${indent}${expr.op}${formatAt(expr.expr, level).trimStart()}`;
    case 'subquery':
      return `${formatAt(expr.expr, level)}${formatSubqueryEnd(expr)}`;
    case 'binary':
      return `${formatAt(expr.left, level + 1)}\n${indent}${formatOperator(expr)}\n${formatAt(expr.right, level + 1)}`;
    case 'call':
      return `${indent}${expr.name}(\n${formatAll(expr.args, level + 1)}\n${indent})`;
    case 'aggregate': {
      const args = expr.param === null ? [expr.expr] : [expr.param, expr.expr];
      return `${indent}${formatAggregation(expr)}(\n${formatAll(args, level + 1)}\n${indent})`;
    }
  }
}

function formatAll(exprs: readonly Expr[], level: number): string {
  return exprs.map((expr) => formatAt(expr, level)).join(',\n');
}
