import type { LabelMatcher } from './matcher.ts';

/** Matchers in Alertmanager's grammar before 0.27 (pkg/labels/parse.go), or null when they are none. */
export function parseClassicMatchers(text: string): LabelMatcher[] | null {
  const body = text.slice(text.startsWith('{') ? 1 : 0, text.endsWith('}') ? -1 : undefined);
  const matchers: LabelMatcher[] = [];
  for (const piece of splitOutsideQuotes(body)) {
    const matcher = parseOne(piece);
    if (matcher === null) return null;
    matchers.push(matcher);
  }
  return matchers;
}

/** The pieces between commas; a last piece of nothing but space is none. */
function splitOutsideQuotes(text: string): string[] {
  const pieces: string[] = [];
  let quoted = false;
  let escaped = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === ',' && !quoted) {
      pieces.push(text.slice(start, at));
      start = at + 1;
      continue;
    }
    if (char === '"' && !escaped) quoted = !quoted;
    escaped = char === '\\' && !escaped;
  }
  const last = text.slice(start).trim();
  return last === '' ? pieces : [...pieces, last];
}

const HEAD = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*/;

function parseOne(text: string): LabelMatcher | null {
  const head = HEAD.exec(text);
  const [whole, name = '', op = ''] = head ?? [''];
  if (op !== '=' && op !== '!=' && op !== '=~' && op !== '!~') return null;
  const value = unescape(text.slice(whole.length).trimEnd());
  return value === null ? null : { name, op, value };
}

/** The value a text stands for, or null when a double quote in it is out of place. */
function unescape(written: string): string | null {
  const quoted = written.startsWith('"');
  const raw = quoted ? written.slice(1) : written;
  let value = '';
  for (let at = 0; at < raw.length; at += 1) {
    const char = raw.charAt(at);
    if (char === '"') return quoted && at === raw.length - 1 ? value : null;
    if (char !== '\\' || at === raw.length - 1) {
      value += char;
      continue;
    }
    at += 1;
    const next = raw.charAt(at);
    value += next === 'n' ? '\n' : next === '"' || next === '\\' ? next : `\\${next}`;
  }
  return quoted ? null : value;
}
