import type { Millis } from '../../core/base/time.ts';
import type { CompiledMatcher } from '../../core/promql/matcher.ts';
import { parseExpr } from '../../core/promql/parse-expr.ts';
import { selectorsOf } from '../../core/promql/selectors-of.ts';

/** What an expression reads. */
export interface Watched {
  readonly selectors: readonly (readonly CompiledMatcher[])[];
  /** Samples that are older by so much are not read. */
  readonly reach: Millis;
}

/** The selectors of an expression, whatever their range or offset, and how far back they read; null when it cannot be parsed. */
export function watchedSelectors(text: string): Watched | null {
  const { value } = parseExpr(text);
  if (value === null) return null;
  const readings = selectorsOf(value);
  const reach = readings.reduce((most, { from, absolute }) => Math.max(most, absolute ? Number.POSITIVE_INFINITY : -from), 0);
  return { selectors: readings.map(({ matchers }) => matchers), reach };
}
