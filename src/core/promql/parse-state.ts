import type { Problem } from '../base/problem.ts';
import type { Span } from './ast.ts';
import { aggregators, keywordOf, type Token } from './lex.ts';
import { formatQuoted } from './quote.ts';

/** Thrown inside the parser only, and caught at its door. */
export class SyntaxProblem extends Error {
  readonly span: Span;

  constructor(message: string, span: Span) {
    super(message);
    this.span = span;
  }
}

/** The tokens of one expression and how far the parser has come. */
export class ParseState {
  readonly text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #aggregations = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.text = text;
    this.#tokens = tokens;
  }

  get token(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', from: this.text.length, to: this.text.length };
  }

  get following(): Token {
    return this.#tokens[this.#at + 1] ?? this.token;
  }

  /** Where the last token that was taken ends. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.to ?? 0;
  }

  take(): Token {
    const token = this.token;
    if (token.kind === 'error') throw new SyntaxProblem(token.text, token);
    this.#at += 1;
    return token;
  }

  is(text: string): boolean {
    const { token } = this;
    return (token.kind === 'punctuation' || token.kind === 'operator') && token.text === text;
  }

  /** The canonical keyword, aggregator or word operator at this place, whatever its case; '' when there is none. */
  get keyword(): string {
    const { token } = this;
    return token.kind === 'keyword' || token.kind === 'operator' || token.kind === 'identifier' ? (keywordOf(token.text) ?? '') : '';
  }

  /** Is the token of this kind? */
  isKind(kind: Token['kind']): boolean {
    return this.token.kind === kind;
  }

  skip(text: string): boolean {
    if (!this.is(text)) return false;
    this.take();
    return true;
  }

  expect(text: string, context: string, expected = `"${text}"`): Token {
    if (!this.is(text)) this.unexpected(context, expected);
    return this.take();
  }

  unexpected(context = '', expected = ''): never {
    const { token } = this;
    if (token.kind === 'error') throw new SyntaxProblem(token.text, token);
    const place = context === '' && this.#aggregations > 0 ? 'aggregation' : context;
    const where = place === '' ? '' : ` in ${place}`;
    const wanted = expected === '' ? '' : `, expected ${expected}`;
    const isBound = context !== 'label matching' && token.kind === 'identifier' && BOUNDS.test(token.text);
    throw new SyntaxProblem(`unexpected ${isBound ? formatQuoted(token.text) : describe(token)}${where}${wanted}`, token);
  }

  /** Runs inside an aggregation, which is then the place of what is unexpected. */
  aggregating<T>(parse: () => T): T {
    this.#aggregations += 1;
    const value = parse();
    this.#aggregations -= 1;
    return value;
  }

  /** Runs one level deeper; too deep a nesting is a problem of the text. */
  nested<T>(parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEPTH_LIMIT) throw new SyntaxProblem(`expression is nested deeper than ${DEPTH_LIMIT} levels`, this.token);
    const value = parse();
    this.#depth -= 1;
    return value;
  }
}

/** How deep expressions may be nested. */
const DEPTH_LIMIT = 250;

/** Words that Prometheus does not call identifiers outside braces: they stand for what a query runs over. */
const BOUNDS = /^(?:start|end|step|range)$/i;

/** A token as Prometheus names it in its messages. */
function describe(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'end of input';
    case 'identifier':
      return `identifier ${formatQuoted(token.text)}`;
    case 'metric':
      return `metric identifier ${formatQuoted(token.text)}`;
    case 'keyword':
      return aggregators.has(token.text.toLowerCase()) ? `<aggr:${token.text}>` : `<${token.text}>`;
    case 'operator':
      return token.text === '=' ? '"="' : `<op:${token.text}>`;
    case 'number':
    case 'duration':
    case 'string': {
      const shown = token.text.length > 10 ? `${formatQuoted(token.text.slice(0, 10))}...` : formatQuoted(token.text);
      return `${token.kind} ${shown}`;
    }
    default:
      return formatQuoted(token.text);
  }
}

/** A problem at a place of the text, with Prometheus' wording. */
export function problemAt(text: string, offset: number, message: string): Problem {
  const { line, column } = placeOf(text, offset);
  return { message: `parse error: ${message}`, line, column };
}

/** Line and column, both from 1, of an offset. */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}
