import { compileRegex } from '../promql/matcher.ts';
import { TemplateFailure } from './value.ts';

/** The longest text that is searched or replaced in. */
const TEXT_LIMIT = 65_536;

/** The longest result of a replacement. */
const RESULT_LIMIT = 262_144;

type Program = Exclude<ReturnType<typeof compileRegex>, string>;

/** An RE2 expression that is not anchored and whose dot does not match newlines, as Go's regexp.MustCompile makes it. */
function compile(pattern: string): Program {
  const whole = compileRegex(pattern);
  const program = typeof whole === 'string' ? whole : compileRegex(`(?-s:${pattern})`);
  if (typeof program === 'string') throw new TemplateFailure(program);
  return program;
}

/** Go's regexp.MatchString. */
export function matchPattern(pattern: string, text: string): boolean {
  return compile(pattern).matcher(text.slice(0, TEXT_LIMIT)).find();
}

/** Go's ReplaceAllString: `$1`, `$name` and `${1}x` in the replacement stand for groups, `$$` for a dollar; unknown groups are empty. */
export function replacePattern(pattern: string, replacement: string, text: string): string {
  if (text.length > TEXT_LIMIT) throw new TemplateFailure('the text is too long');
  const matcher = compile(pattern).matcher(text);
  const group = (name: string): string => {
    if (/^\d+$/.test(name)) return Number(name) <= matcher.groupCount() ? (matcher.group(Number(name)) ?? '') : '';
    const named = matcher.getNamedGroups();
    return Object.hasOwn(named, name) ? (named[name] ?? '') : '';
  };
  let out = '';
  let at = 0;
  while (matcher.find()) {
    out += text.slice(at, matcher.start());
    out += replacement.replaceAll(/\$(?:\$|\{([^}]*)\}|([\p{L}\p{N}_]+))/gu, (whole, braced?: string, plain?: string) =>
      whole === '$$' ? '$' : group(braced ?? plain ?? ''),
    );
    at = matcher.end();
    if (out.length > RESULT_LIMIT) throw new TemplateFailure('the replaced text is too long');
  }
  return out + text.slice(at);
}

/** Letter by letter, as Go does: `ß` has no single capital and stays. */
export function upperText(text: string): string {
  return Array.from(text, (char) => single(char, char.toUpperCase())).join('');
}

export function lowerText(text: string): string {
  return Array.from(text, (char) => single(char, char.toLowerCase())).join('');
}

function single(char: string, changed: string): string {
  return Array.from(changed).length === 1 ? changed : char;
}

/** Go's strings.Title: the first letter of every word. */
export function titleText(text: string): string {
  let previous = ' ';
  return Array.from(text, (char) => {
    const begins = !/[\p{L}\p{N}_]/u.test(previous) && (previous < '\u0080' || /\s/.test(previous));
    previous = char;
    return begins ? single(char, char.toUpperCase()) : char;
  }).join('');
}

/** The host of `host:port` or `[v6]:port`; any other text is given back as it is (Go's net.SplitHostPort). */
export function stripPort(text: string): string {
  return /^\[([^[\]]*)\]:[^:[\]]*$/.exec(text)?.[1] ?? /^([^:[\]]*):[^:[\]]*$/.exec(text)?.[1] ?? text;
}

/** The first part of a host name, its port kept; an address is given back as it is. */
export function stripDomain(text: string): string {
  const host = stripPort(text);
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(':')) return text;
  const short = host.split('.')[0] ?? host;
  return host === text ? short : `${short}${text.slice(text.lastIndexOf(':'))}`;
}

/** Go's url.QueryEscape. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text.replaceAll(/[\ud800-\udfff]/gu, '\ufffd'))
    .replaceAll('%20', '+')
    .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', "'": '&#39;', '<': '&lt;', '>': '&gt;', '"': '&#34;', '\0': '\ufffd' };

/** Go's template.HTMLEscapeString. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&'<>"\0]/g, (char) => ENTITIES[char] ?? char);
}
