/** A literal and what may stand before it: nothing, anything (`.*`), or at least one character (`.+`). */
export interface Piece {
  readonly gap: 'none' | 'any' | 'some';
  readonly text: string;
}

/** A regular expression that needs no engine: a finite set of texts, or literals separated by wildcards. */
export type Pattern =
  | { readonly kind: 'set'; readonly values: readonly string[] }
  /** The last piece reaches to the end of the text; a trailing wildcard is a last piece with empty text. */
  | { readonly kind: 'pieces'; readonly pieces: readonly Piece[] };

const META = /[\\^$.|?*+()[\]{}]/;
const ESCAPED = /^[!-/:-@[-`{-~]$/;

/** Recognises `a|b|c`, `(?:a|b)`, `a.*`, `.*a`, `.+`, `a.*b.+c` and escaped punctuation; null for everything else. */
export function analyzePattern(pattern: string): Pattern | null {
  const body = stripGroup(pattern);
  const values: string[] = [];
  let pieces: Piece[] = [];
  let gap = 'none' as Piece['gap'];
  let text = '';
  let wild = false;
  for (let at = 0; at < body.length; at += 1) {
    const char = body.charAt(at);
    if (!META.test(char)) {
      text += char;
    } else if (char === '|' && !wild) {
      values.push(text);
      text = '';
      continue;
    } else if (char === '\\' && ESCAPED.test(body.charAt(at + 1))) {
      at += 1;
      text += body.charAt(at);
    } else if (char === '.' && (body[at + 1] === '*' || body[at + 1] === '+') && values.length === 0) {
      if (text !== '') pieces.push({ gap, text });
      // Two wildcards in a row: anything plus at least one is at least one; two times at least one is left to the engine.
      const next = body[at + 1] === '+' ? 'some' : 'any';
      if (text === '' && gap === 'some' && next === 'some') return null;
      gap = text === '' && gap === 'some' ? 'some' : next;
      text = '';
      wild = true;
      at += 1;
      if (body[at + 1] === '?') at += 1;
      continue;
    } else {
      return null;
    }
    // A repetition after a literal is not ours.
    const next = body[at + 1];
    if (next === '*' || next === '+' || next === '?' || next === '{') return null;
  }
  if (!wild) return { kind: 'set', values: [...values, text] };
  pieces = [...pieces, { gap, text }];
  return { kind: 'pieces', pieces };
}

/** Does the whole text follow the pieces? Leftmost search, linear for each piece. */
export function testPieces(pieces: readonly Piece[], text: string): boolean {
  let at = 0;
  const last = pieces.length - 1;
  for (const [index, piece] of pieces.entries()) {
    const from = piece.gap === 'some' ? at + 1 : at;
    if (piece.gap === 'none') {
      if (!text.startsWith(piece.text, at)) return false;
      at += piece.text.length;
      if (index === last && at !== text.length) return false;
    } else if (index === last) {
      return text.length - piece.text.length >= from && text.endsWith(piece.text);
    } else {
      const found = text.indexOf(piece.text, from);
      if (found < 0) return false;
      at = found + piece.text.length;
    }
  }
  return true;
}

/** `(a|b)` and `(?:a|b)` without their only group. */
function stripGroup(pattern: string): string {
  if (!pattern.startsWith('(') || !pattern.endsWith(')') || pattern.endsWith('\\)')) return pattern;
  const body = pattern.slice(pattern.startsWith('(?:') ? 3 : 1, -1);
  return body.startsWith('?') || /[()]/.test(body.replace(/\\./g, '')) ? pattern : body;
}
