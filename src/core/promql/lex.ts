import { formatRune, whyNoEscape } from './quote.ts';

/** The kinds of tokens; `error` carries its message in `text`. */
type TokenKind = 'identifier' | 'metric' | 'keyword' | 'number' | 'duration' | 'string' | 'operator' | 'punctuation' | 'end' | 'error';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const AGGREGATORS = 'sum avg count min max group stddev stdvar topk bottomk limitk limit_ratio count_values quantile';
const KEYWORDS =
  'offset smoothed anchored by without on ignoring group_left group_right bool fill fill_left fill_right start end step range min_of max_of';
const WORD_OPERATORS = 'and or unless atan2';

/** The aggregation operators. */
export const aggregators: ReadonlySet<string> = new Set(AGGREGATORS.split(' '));
const keywords: ReadonlySet<string> = new Set(`${AGGREGATORS} ${KEYWORDS}`.split(' '));
/** Words that the grammar knows only where it expects them; everywhere else they are names. */
const soft: ReadonlySet<string> = new Set('step range min_of max_of start end'.split(' '));
const wordOperators: ReadonlySet<string> = new Set(WORD_OPERATORS.split(' '));

const SYMBOLS = ['==', '!=', '>=', '<=', '</', '>/', '=', '>', '<', '+', '-', '*', '/', '%', '^', '@'];
const MATCHERS = ['=~', '!~', '!=', '='];
/** An exponent or a hexadecimal number without digits still is read as a number, which then is none. */
const NUMBER = /(?:0[xX][0-9a-fA-F_]*|(?:[0-9](?:_?[0-9])*)?\.?(?:[0-9](?:_?[0-9])*)?(?:[eE][+-]?(?:[0-9](?:_?[0-9])*)?)?)/y;
const DURATION = /(?:[0-9]+(?:ms|[smhdwy]))+/y;
const UNIT = /(?:[smhdwy]s?)(?:[0-9]+[smhdw]s?)*/y;
const NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const METRIC = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const SPACE = /(?:[ \t\n\r]+|#[^\n]*)+/y;
const WORD_CHARACTER = /[a-zA-Z0-9_:]/;
const LETTERS = /[a-zA-Z_]+/y;
/** The words that may stand inside brackets, and the characters that may do so before the first number. */
const lengthWords: ReadonlySet<string> = new Set('step range min_of max_of'.split(' '));
const LENGTH_CHARACTERS = '](:)+-*/%^,0123456789';

/** The canonical form of a keyword, aggregator or word operator (they ignore case), else null. */
export function keywordOf(text: string): string | null {
  const lower = text.toLowerCase();
  return keywords.has(lower) || wordOperators.has(lower) ? lower : null;
}

/** Splits an expression into tokens; stops at the first error, which is then the last token. */
export function lexExpr(text: string): Token[] {
  const lexer = new Lexer(text);
  const tokens: Token[] = [];
  for (;;) {
    const token = lexer.next();
    tokens.push(token);
    if (token.kind === 'end' || token.kind === 'error') return tokens;
  }
}

class Lexer {
  readonly #text: string;
  #at = 0;
  #parens = 0;
  #inBraces = false;
  #inBrackets = false;
  /** Inside brackets: whether a number was read, whether a number or a word was, and whether a colon was. */
  #afterNumber = false;
  #afterLength = false;
  #afterColon = false;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    this.#match(SPACE);
    const from = this.#at;
    const char = this.#text.charAt(from);
    if (char === '') return this.#end();
    const wrong = this.#inBrackets && !this.#inBraces ? this.#wrongInBrackets(char) : null;
    if (wrong !== null) return wrong;
    if (char === '"' || char === "'" || char === '`') return this.#string(char);
    if (this.#inBraces) return this.#insideBraces(char);
    const number = this.#number(char);
    if (number !== null) return number;
    const word = this.#match(this.#inBrackets ? NAME : METRIC);
    if (word !== '') return this.#word(word, from);
    if ('(){[],:]'.includes(char)) return this.#punctuation(char);
    const after = this.#text.charAt(from + 1);
    if (char === '=' && after === '~') return this.#error("unexpected character after '=': '~'", from);
    if (char === '!' && after !== '=') return this.#error(`unexpected character after '!': ${this.#shown(from + 1)}`, from);
    return this.#symbol(SYMBOLS) ?? this.#unknown('unexpected character');
  }

  #insideBraces(char: string): Token {
    const from = this.#at;
    const word = this.#match(NAME);
    if (word !== '') return this.#word(word, from);
    if (char === ',' || char === '}') return this.#punctuation(char);
    if (char === '{') return this.#error("unexpected left brace '{'", from);
    const after = this.#text.charAt(from + 1);
    if (char === '!' && after !== '=' && after !== '~') {
      return this.#error(`unexpected character after '!' inside braces: ${this.#shown(from + 1)}`, from);
    }
    return this.#symbol(MATCHERS) ?? this.#unknown('unexpected character inside braces');
  }

  /** What cannot stand here inside brackets; it is told in other words before the first number than after it. */
  #wrongInBrackets(char: string): Token | null {
    const from = this.#at;
    LETTERS.lastIndex = from;
    const word = LETTERS.exec(this.#text)?.[0] ?? '';
    const isNumber = /[0-9]/.test(char === '.' ? this.#text.charAt(from + 1) : char);
    const isKnown = word === '' ? this.#afterNumber || isNumber || LENGTH_CHARACTERS.includes(char) : lengthWords.has(word.toLowerCase());
    if (!isKnown && this.#afterNumber) return this.#error(`unexpected character: ${formatRune(char)}, expected ':'`, from);
    if (!isKnown) return this.#unknown('unexpected character in duration expression');
    if (char === ':') {
      if (!this.#afterLength) return this.#error('unexpected colon before duration in duration expression', from + 1);
      if (this.#afterColon && this.#afterNumber) return this.#error("unexpected colon ':'", from);
      if (this.#afterColon) return this.#error('unexpected repeated colon in duration expression', from + 1);
      this.#afterColon = true;
    }
    this.#afterNumber ||= isNumber;
    this.#afterLength ||= isNumber || word !== '';
    return null;
  }

  #symbol(symbols: readonly string[]): Token | null {
    const symbol = symbols.find((each) => this.#text.startsWith(each, this.#at));
    return symbol === undefined ? null : this.#take('operator', symbol);
  }

  #unknown(message: string): Token {
    return this.#error(`${message}: ${this.#shown(this.#at)}`, this.#at);
  }

  /** The character at a place, quoted; the end of the text is shown as one that cannot be. */
  #shown(at: number): string {
    return formatRune(String.fromCodePoint(this.#text.codePointAt(at) ?? 0xfffd));
  }

  #end(): Token {
    if (this.#inBraces) return this.#error('unexpected end of input inside braces', this.#at);
    if (this.#inBrackets && !this.#afterNumber) return this.#error('unexpected end of input in duration expression', this.#at);
    if (this.#parens > 0) return this.#error('unclosed left parenthesis', this.#at);
    if (this.#inBrackets) return this.#error('unclosed left bracket', this.#at);
    return { kind: 'end', text: '', from: this.#at, to: this.#at };
  }

  #word(word: string, from: number): Token {
    const lower = word.toLowerCase();
    const to = this.#at;
    if (!this.#inBraces) {
      if (wordOperators.has(lower)) return { kind: 'operator', text: word, from, to };
      if (lower === 'inf' || lower === 'nan') return { kind: 'number', text: word, from, to };
      if (keywords.has(lower) && !soft.has(lower)) return { kind: 'keyword', text: word, from, to };
    }
    return { kind: word.includes(':') ? 'metric' : 'identifier', text: word, from, to };
  }

  #number(char: string): Token | null {
    const from = this.#at;
    if (!(char >= '0' && char <= '9') && !(char === '.' && /[0-9]/.test(this.#text.charAt(from + 1)))) return null;
    const duration = this.#match(DURATION);
    if (duration !== '' && !WORD_CHARACTER.test(this.#following())) return { kind: 'duration', text: duration, from, to: this.#at };
    this.#at = from;
    const number = this.#match(NUMBER);
    const whole = number !== '' && !(/[eE][+-]?$/.test(number) && !/^0[xX]/.test(number) && this.#at === this.#text.length);
    if (whole && !WORD_CHARACTER.test(this.#following())) return { kind: 'number', text: number, from, to: this.#at };
    // What was read up to the first character that fits neither a number nor a length of time.
    if (this.#match(UNIT) !== '') this.#at += 1;
    return this.#error(`bad number or duration syntax: ${JSON.stringify(this.#text.slice(from, this.#at))}`, from);
  }

  /** The next character; a colon ends a length of time inside brackets. */
  #following(): string {
    const char = this.#text.charAt(this.#at);
    return char === ':' && this.#inBrackets ? '' : char;
  }

  #string(quote: string): Token {
    const from = this.#at;
    let at = from + 1;
    for (; at < this.#text.length; at += 1) {
      const char = this.#text.charAt(at);
      if (char === quote) {
        this.#at = at + 1;
        return { kind: 'string', text: this.#text.slice(from, at + 1), from, to: at + 1 };
      }
      if (quote === '`') continue;
      if (char === '\n') break;
      if (char !== '\\') continue;
      const wrong = whyNoEscape(this.#text, at + 1, quote);
      if (wrong !== null) return this.#error(wrong, from);
      at += 1;
    }
    return this.#error(quote === '`' ? 'unterminated raw string' : 'unterminated quoted string', from);
  }

  #punctuation(char: string): Token {
    const from = this.#at;
    if (char === '{') this.#inBraces = true;
    else if (char === '}') this.#inBraces = false;
    else if (char === '(') this.#parens += 1;
    else if (char === ')') {
      this.#parens -= 1;
      if (this.#parens < 0) return this.#error("unexpected right parenthesis ')'", from + 1);
    } else if (char === '[') {
      if (this.#inBrackets) return this.#error("unexpected left bracket '['", from);
      this.#inBrackets = true;
      this.#afterNumber = this.#afterLength = this.#afterColon = false;
    } else if (char === ']') {
      if (!this.#inBrackets) return this.#error("unexpected right bracket ']'", from);
      this.#inBrackets = false;
    } else if (char === ':' && !this.#inBrackets) {
      return this.#error("unexpected colon ':'", from);
    }
    return this.#take('punctuation', char);
  }

  #take(kind: TokenKind, text: string): Token {
    const from = this.#at;
    this.#at += text.length;
    return { kind, text, from, to: this.#at };
  }

  #error(message: string, from: number): Token {
    return { kind: 'error', text: message, from, to: this.#at };
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}
