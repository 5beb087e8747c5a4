const SIMPLE: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92, "'": 39, '"': 34 };
const HEX = /^[0-9a-fA-F]+$/;
/** A byte that is not UTF-8 becomes this plus the byte: a lone low surrogate, which no valid text holds. */
const LONE = 0xdc00;

/**
 * The text a Go string literal stands for (`"…"`, `'…'` with escapes, or raw in back-ticks), or null when it is none.
 * Bytes that are not UTF-8 become lone surrogates, which `isValidText` refuses.
 */
export function parseQuoted(literal: string): string | null {
  const quote = literal.charAt(0);
  const body = literal.slice(1, -1);
  if (quote === '`') return body.replaceAll('\r', '');
  if (!body.includes('\\')) return body;
  let bytes: number[] = [];
  let text = '';
  const flush = (): void => {
    text += decodeUtf8(bytes);
    bytes = [];
  };
  for (let at = 0; at < body.length; at += 1) {
    if (body[at] !== '\\') {
      flush();
      text += body.charAt(at);
      continue;
    }
    const escape = parseEscape(body, at + 1, quote);
    if (escape === null) return null;
    if (escape.rune) {
      flush();
      text += String.fromCodePoint(escape.value);
    } else {
      bytes.push(escape.value);
    }
    at += escape.length;
  }
  flush();
  return text;
}

interface Escape {
  readonly value: number;
  /** A code point; else one byte of a UTF-8 sequence. */
  readonly rune: boolean;
  readonly length: number;
}

function parseEscape(body: string, at: number, quote: string): Escape | null {
  const char = body.charAt(at);
  const simple = SIMPLE[char];
  if (simple !== undefined) {
    if ((char === '"' || char === "'") && char !== quote) return null;
    return { value: simple, rune: true, length: 1 };
  }
  const size = char === 'x' ? 2 : char === 'u' ? 4 : char === 'U' ? 8 : 0;
  if (size > 0) {
    const digits = body.slice(at + 1, at + 1 + size);
    if (digits.length !== size || !HEX.test(digits)) return null;
    const value = Number.parseInt(digits, 16);
    if (size === 2) return { value, rune: false, length: 3 };
    const valid = value <= 0x10ffff && !(value >= 0xd800 && value < 0xe000);
    return valid ? { value, rune: true, length: size + 1 } : null;
  }
  const octal = body.slice(at, at + 3);
  if (!/^[0-7]{3}$/.test(octal)) return null;
  const value = Number.parseInt(octal, 8);
  return value < 256 ? { value, rune: false, length: 3 } : null;
}

/** What is wrong with the escape sequence after a backslash, in the words of Prometheus' lexer; null when nothing is. */
export function whyNoEscape(text: string, at: number, quote: string): string | null {
  const char = text.charAt(at);
  if (char === '') return 'escape sequence not terminated';
  if (char === quote || (SIMPLE[char] !== undefined && char !== '"' && char !== "'")) return null;
  const octal = char >= '0' && char <= '7';
  const size = octal ? 3 : char === 'x' ? 2 : char === 'u' ? 4 : char === 'U' ? 8 : 0;
  if (size === 0) return `unknown escape sequence ${codePoint(text, at)}`;
  const from = octal ? at : at + 1;
  for (let digit = from; digit < from + size; digit += 1) {
    if (digit >= text.length) return 'escape sequence not terminated';
    if (!(octal ? /[0-7]/ : HEX).test(text.charAt(digit))) return `illegal character ${codePoint(text, digit)} in escape sequence`;
  }
  const value = Number.parseInt(text.slice(from, from + size), octal ? 8 : 16);
  const most = octal || char === 'x' ? 255 : 0x10ffff;
  return value > most || (value >= 0xd800 && value < 0xe000) ? 'escape sequence is an invalid Unicode code point' : null;
}

/** `U+007A 'z'` */
function codePoint(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0;
  const char = String.fromCodePoint(code);
  const number = `U+${hex(code, 4).toUpperCase()}`;
  return code < 32 || UNPRINTABLE.test(char) ? number : `${number} '${char}'`;
}

/** One character between single quotes, as Go's `%q` prints a rune. */
export function formatRune(char: string): string {
  const inner = formatQuoted(char).slice(1, -1);
  return `'${char === '"' ? char : char === "'" ? "\\'" : inner}'`;
}

function decodeUtf8(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 1) {
    const first = bytes[at] ?? 0;
    const more = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : -1;
    let code = more === 3 ? first & 7 : more === 2 ? first & 15 : more === 1 ? first & 31 : first;
    let valid = more >= 0 && first < 0xf5;
    for (let next = 1; next <= more; next += 1) {
      const byte = bytes[at + next] ?? 0;
      if ((byte & 0xc0) !== 0x80) valid = false;
      code = (code << 6) | (byte & 63);
    }
    if (valid && (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))) valid = false;
    if (valid && ((more === 2 && code < 0x800) || (more === 3 && code < 0x10000))) valid = false;
    text += valid ? String.fromCodePoint(code) : String.fromCharCode(LONE + first);
    if (valid) at += more;
  }
  return text;
}

/** Is the text whole Unicode, without the lone surrogates that stand for bytes that were not UTF-8? */
export function isValidText(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}

/** A text in double quotes with escapes, as Go's `%q` prints it. */
export function formatQuoted(text: string): string {
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === '"' || char === '\\') out += `\\${char}`;
    else if (code >= LONE && code < LONE + 256) out += `\\x${hex(code - LONE, 2)}`;
    else if (code === 7) out += '\\a';
    else if (code === 8) out += '\\b';
    else if (code === 9) out += '\\t';
    else if (code === 10) out += '\\n';
    else if (code === 11) out += '\\v';
    else if (code === 12) out += '\\f';
    else if (code === 13) out += '\\r';
    else if (code < 32 || code === 127) out += `\\x${hex(code, 2)}`;
    else if (UNPRINTABLE.test(char)) out += code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
    else out += char;
  }
  return `${out}"`;
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
