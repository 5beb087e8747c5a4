import type { Matcher } from '../../../core/promql/matcher.ts';
import { formatQuoted } from '../../../core/promql/quote.ts';

const PLAIN_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** What a selector of everything is called where one that accepts nothing at all is refused. */
const EVERYTHING = '{__name__!=""}';

/** A selector as another server reads it. */
export function formatSelector(matchers: readonly Matcher[]): string {
  if (matchers.length === 0) return EVERYTHING;
  const texts = matchers.map(({ name, op, value }) => `${PLAIN_NAME.test(name) ? name : formatQuoted(name)}${op}${formatQuoted(value)}`);
  return `{${texts.join(',')}}`;
}

/** A label name as it stands in an address: `http.status` is `U__http_2e_status`. */
export function formatLabelSegment(name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  const escaped = Array.from(name, (character) => {
    if (character === '_') return '__';
    return /[a-zA-Z0-9]/.test(character) ? character : `_${(character.codePointAt(0) ?? 0).toString(16)}_`;
  });
  return `U__${escaped.join('')}`;
}
