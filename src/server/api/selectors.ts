import { refuse, type Result } from '../../core/base/result.ts';
import type { Matcher } from '../../core/promql/matcher.ts';
import { parseMetricSelector } from '../../core/promql/parse-metric-selector.ts';

/** The matchers of selectors, none of which selects everything. */
export function parseSelectors(texts: readonly string[]): Result<readonly (readonly Matcher[])[]> {
  const selectors: (readonly Matcher[])[] = [];
  for (const [index, text] of texts.entries()) {
    const { value, problems } = parseMetricSelector(text);
    if (value === null) {
      const named = problems.map((problem) => ({ ...problem, path: `match.${index}` }));
      return refuse('bad_request', 'A selector is not understood.', named);
    }
    if (value.matchers.every((matcher) => matcher.test('')))
      return refuse('bad_request', `${text} selects everything: give at least one matcher that does not match an absent label.`);
    selectors.push(value.matchers.map(({ name, op, value: wanted }) => ({ name, op, value: wanted })));
  }
  return { ok: selectors };
}
