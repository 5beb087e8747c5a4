import { childrenOf, type Expr } from '../../core/promql/ast.ts';
import type { CompiledMatcher } from '../../core/promql/matcher.ts';
import { parseExpr } from '../../core/promql/parse-expr.ts';

/** The selectors of an expression, whatever their range or offset; null when it cannot be parsed. */
export function watchedSelectors(text: string): readonly (readonly CompiledMatcher[])[] | null {
  const { value } = parseExpr(text);
  if (value === null) return null;
  const found: (readonly CompiledMatcher[])[] = [];
  collect(value, found);
  return found;
}

function collect(expr: Expr, into: (readonly CompiledMatcher[])[]): void {
  if (expr.kind === 'selector') into.push(expr.matchers);
  for (const child of childrenOf(expr)) collect(child, into);
}
