import type { CompiledMatcher } from '../../core/promql/matcher.ts';
import { parseExpr } from '../../core/promql/parse-expr.ts';
import { selectorsOf } from '../../core/promql/selectors-of.ts';

/** The selectors of an expression, whatever their range or offset; null when it cannot be parsed. */
export function watchedSelectors(text: string): readonly (readonly CompiledMatcher[])[] | null {
  const { value } = parseExpr(text);
  return value === null ? null : selectorsOf(value).map(({ matchers }) => matchers);
}
