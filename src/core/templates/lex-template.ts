/** A piece of a template: text between actions, or a token within one. */
export interface Token {
  readonly kind: 'text' | 'open' | 'close' | 'word' | 'field' | 'variable' | 'number' | 'string' | 'char' | 'sign';
  readonly text: string;
  /** Offset in the template. */
  readonly at: number;
  /** Whether space stands before it: `.a .b` are two operands, `.a.b` is one. */
  readonly spaced: boolean;
}

export interface Failure {
  readonly message: string;
  readonly at: number;
}

const SPACE = /[ \t\r\n]+/y;
const TOKENS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['char', /'(?:[^'\\\n]|\\.)+'/y],
  [
    'number',
    /[+-]?(?:0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+(?![0-9.eE])|0[bB][01_]+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)(?![\p{L}\p{N}_.])/uy,
  ],
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  ['field', /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['sign', /:=|[.()|=,]/y],
];

/** Splits a template of Go's text/template into its tokens; comments and trimmed space are gone. */
export function lexTemplate(template: string): readonly Token[] | Failure {
  const tokens: Token[] = [];
  let at = 0;
  let trimNext = false;
  for (;;) {
    const open = template.indexOf('{{', at);
    const end = open < 0 ? template.length : open;
    const trimThis = open >= 0 && /^\{\{-[ \t\r\n]/.test(template.slice(open, open + 4));
    let text = template.slice(at, end);
    if (trimNext) text = text.replace(/^[ \t\r\n]+/, '');
    if (trimThis) text = text.replace(/[ \t\r\n]+$/, '');
    if (text !== '') tokens.push({ kind: 'text', text, at, spaced: false });
    if (open < 0) return tokens;
    const action = lexAction(template, open + (trimThis ? 3 : 2), tokens);
    if ('message' in action) return action;
    ({ at, trim: trimNext } = action);
  }
}

/** The tokens of one action are added; gives where it ends, and whether it trims the space after it. */
function lexAction(template: string, from: number, tokens: Token[]): Failure | { readonly at: number; readonly trim: boolean } {
  const comment = /^[ \t\r\n]*\/\*/.exec(template.slice(from, from + 100));
  if (comment !== null) {
    const end = template.indexOf('*/', from);
    const [close, dash] = end < 0 ? [] : (/^([ \t\r\n]+-)?\}\}/.exec(template.slice(end + 2, end + 50)) ?? []);
    return close === undefined ? { message: 'unclosed comment', at: from } : { at: end + 2 + close.length, trim: dash !== undefined };
  }
  tokens.push({ kind: 'open', text: '{{', at: from, spaced: false });
  let at = from;
  for (;;) {
    const space = matchAt(SPACE, template, at);
    at += space.length;
    const close = template.startsWith('}}', at) ? 2 : space !== '' && template.startsWith('-}}', at) ? 3 : 0;
    if (close > 0) {
      tokens.push({ kind: 'close', text: '}}', at, spaced: space !== '' });
      return { at: at + close, trim: close === 3 };
    }
    if (at >= template.length) return { message: 'unclosed action', at: from };
    const token = lexToken(template, at, space !== '' || at === from);
    if ('message' in token) return token;
    tokens.push(token);
    at += token.text.length;
  }
}

function lexToken(template: string, at: number, spaced: boolean): Token | Failure {
  for (const [kind, pattern] of TOKENS) {
    const text = matchAt(pattern, template, at);
    if (text !== '') return { kind, text, at, spaced };
  }
  const char = String.fromCodePoint(template.codePointAt(at) ?? 0);
  if (char === '"' || char === '`') return { message: 'unterminated quoted string', at };
  if (char === "'") return { message: 'unterminated character constant', at };
  if (/[0-9+-]/.test(char)) return { message: `bad number syntax: ${JSON.stringify(template.slice(at, at + 10))}`, at };
  return { message: `unexpected ${JSON.stringify(char)} in action`, at };
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
