import type { Parsed } from '../base/problem.ts';
import { compileMatcher } from '../promql/matcher.ts';
import { isValidText, parseQuoted } from '../promql/quote.ts';
import { parseClassicMatchers } from './parse-classic-matchers.ts';
import type { LabelMatcher } from './matcher.ts';

/** The longest text of matchers, in UTF-16 code units, and the most matchers in one. */
const TEXT_LIMIT = 65_536;
const COUNT_LIMIT = 1_000;

/**
 * Alertmanager's matchers: `a="b", c=~"d|e"`, with or without braces, names and values with or without quotes. As Alertmanager does
 * since 0.27, both its grammars are tried (UTF-8 and classic) and the classic meaning wins where they differ. Columns count from 1.
 */
export function parseMatchers(text: string): Parsed<readonly LabelMatcher[]> {
  if (text.length > TEXT_LIMIT) return refuse(`the matchers are longer than ${TEXT_LIMIT} characters`, 0);
  const modern = new MatcherParser(text).parse();
  const classic = parseClassicMatchers(text);
  const matchers = classic ?? (Array.isArray(modern) ? modern : null);
  if (matchers === null) return Array.isArray(modern) ? refuse('bad matchers', 0) : refuse(modern.message, modern.offset);
  if (matchers.length > COUNT_LIMIT) return refuse(`more than ${COUNT_LIMIT} matchers`, 0);
  for (const matcher of matchers) {
    const [problem] = compileMatcher(matcher).problems;
    if (problem !== undefined) return refuse(`${matcher.name}: ${problem.message}`, Math.max(0, text.indexOf(matcher.value)));
  }
  return { value: matchers, problems: [] };
}

function refuse(message: string, offset: number): Parsed<readonly LabelMatcher[]> {
  return { value: null, problems: [{ message, line: 1, column: offset + 1 }] };
}

/** A matcher as Alertmanager prints it: `name="value"`, the name in quotes where it needs them. */
export function formatMatcher({ name, op, value }: LabelMatcher): string {
  return `${/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) ? name : quote(name)}${op}${quote(value)}`;
}

/** Matchers as a list in braces. */
export function formatMatchers(matchers: readonly LabelMatcher[]): string {
  return `{${matchers.map(formatMatcher).join(', ')}}`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

interface Failure {
  readonly message: string;
  readonly offset: number;
}

const SPACE = /\s+/y;
const OPERATOR = /=~|!~|!=|=/y;
const QUOTED = /"(?:[^"\\\n]|\\.)*"/y;
const UNQUOTED = /[^\s{}!=~,\\"'`]+/y;

/** The UTF-8 grammar. */
class MatcherParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): LabelMatcher[] | Failure {
    const open = this.#take('{');
    const matchers: LabelMatcher[] = [];
    while (!this.#atEnd() && !this.#sees('}')) {
      const matcher = this.#matcher();
      if ('message' in matcher) return matcher;
      matchers.push(matcher);
      if (!this.#take(',') && !this.#atEnd() && !this.#sees('}')) return this.#fail('expected a comma or a closing brace');
    }
    if (open && !this.#take('}')) return this.#fail('expected a closing brace');
    return this.#atEnd() ? matchers : this.#fail(`unexpected ${JSON.stringify(this.#text.charAt(this.#at))}`);
  }

  #matcher(): LabelMatcher | Failure {
    const name = this.#word();
    if (name === null || name === '') return this.#fail('expected a label name');
    const op = this.#match(OPERATOR);
    if (op !== '=' && op !== '!=' && op !== '=~' && op !== '!~') return this.#fail('expected an operator: =, !=, =~ or !~');
    const value = this.#word();
    return value === null ? this.#fail('expected a label value') : { name, op, value };
  }

  #word(): string | null {
    const quoted = this.#match(QUOTED);
    if (quoted === null) return this.#match(UNQUOTED);
    const value = parseQuoted(quoted);
    return value !== null && isValidText(value) ? value : null;
  }

  #match(pattern: RegExp): string | null {
    this.#skipSpace();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    this.#at += found?.length ?? 0;
    return found;
  }

  #take(char: string): boolean {
    if (!this.#sees(char)) return false;
    this.#at += 1;
    return true;
  }

  #sees(char: string): boolean {
    this.#skipSpace();
    return this.#text[this.#at] === char;
  }

  #atEnd(): boolean {
    this.#skipSpace();
    return this.#at >= this.#text.length;
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  #fail(message: string): Failure {
    return { message, offset: this.#at };
  }
}
