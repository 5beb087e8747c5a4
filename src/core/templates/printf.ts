import { utf8Bytes } from '../base/utf8.ts';
import { formatQuoted } from '../promql/quote.ts';
import { formatFloat } from './go-float.ts';
import { formatValue, typeName, type Value } from './value.ts';

/** The widest field and the most digits, so that a template cannot ask for a gigabyte of spaces. */
const WIDTH_LIMIT = 1_000;
const DIRECTIVE = /%([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*)?)?(.?)/gsu;

interface Spec {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | null;
}

/** Go's fmt.Sprintf: what does not fit is printed as `%!d(string=x)`, `%!s(MISSING)` or `%!(EXTRA int=1)`, never an error. */
export function formatPrintf(format: string, args: readonly Value[]): string {
  let next = 0;
  const take = (): Value | undefined => {
    const arg = args[next];
    next += 1;
    return arg;
  };
  const size = (text: string | undefined): number | null => {
    if (text === undefined) return null;
    const asked = text === '*' ? take() : Number(text);
    return typeof asked === 'number' || typeof asked === 'bigint' ? Math.min(Math.max(0, Number(asked)), WIDTH_LIMIT) : null;
  };
  const fill = ([whole = '', flags = '', width, digits, verb = '']: RegExpExecArray): string => {
    if (verb === '%') return '%';
    if (verb === '') return '%!(NOVERB)';
    const spec = { flags, width: size(width) ?? 0, precision: whole.slice(0, -verb.length).includes('.') ? (size(digits) ?? 0) : null };
    const arg = take();
    return arg === undefined ? `%!${verb}(MISSING)` : pad(formatVerb(verb, arg, spec), spec, arg);
  };
  let out = '';
  let at = 0;
  for (const match of format.matchAll(DIRECTIVE)) {
    out += format.slice(at, match.index) + fill(match);
    at = match.index + match[0].length;
  }
  out += format.slice(at);
  const extra = args.slice(next).map((arg) => (arg === null ? '<nil>' : `${typeName(arg)}=${formatValue(arg)}`));
  return extra.length === 0 ? out : `${out}%!(EXTRA ${extra.join(', ')})`;
}

function formatVerb(verb: string, arg: Value, spec: Spec): string {
  if (verb === 'T') return typeName(arg);
  if (verb === 'v') return typeof arg === 'number' ? signed(formatFloat(arg, 'g', spec.precision), spec) : formatPlain(arg);
  if (typeof arg === 'string') return formatText(verb, arg, spec);
  if (typeof arg === 'bigint') return formatInteger(verb, arg, spec);
  if (typeof arg === 'number') return formatReal(verb, arg, spec);
  if (typeof arg === 'boolean' && verb === 't') return String(arg);
  return wrong(verb, arg);
}

function formatPlain(arg: Value): string {
  return arg === null ? '<nil>' : formatValue(arg);
}

function wrong(verb: string, arg: Value): string {
  return arg === null ? `%!${verb}(<nil>)` : `%!${verb}(${typeName(arg)}=${formatValue(arg)})`;
}

function formatText(verb: string, text: string, { flags, precision }: Spec): string {
  const cut = precision === null ? text : Array.from(text).slice(0, precision).join('');
  if (verb === 's') return cut;
  if (verb === 'q') return flags.includes('#') && !cut.includes('`') ? `\`${cut}\`` : formatQuoted(cut);
  if (verb !== 'x' && verb !== 'X') return wrong(verb, text);
  const hex = utf8Bytes(text)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(flags.includes(' ') ? ' ' : '');
  return verb === 'X' ? hex.toUpperCase() : hex;
}

const BASES: Readonly<Record<string, number>> = { d: 10, b: 2, o: 8, x: 16, X: 16 };

function formatInteger(verb: string, value: bigint, spec: Spec): string {
  const base = BASES[verb];
  if (base === undefined) {
    const isChar = (verb === 'c' || verb === 'q') && value >= 0n && value <= 0x10ffffn;
    if (!isChar) return wrong(verb, value);
    const char = String.fromCodePoint(Number(value));
    return verb === 'c' ? char : `'${char}'`;
  }
  const digits = (value < 0n ? -value : value).toString(base).padStart(spec.precision ?? 0, '0');
  const prefix = spec.flags.includes('#') ? ({ x: '0x', X: '0X', o: '0', b: '0b' }[verb] ?? '') : '';
  return signed(`${value < 0n ? '-' : ''}${prefix}${verb === 'X' ? digits.toUpperCase() : digits}`, spec);
}

function formatReal(verb: string, value: number, spec: Spec): string {
  const lower = verb.toLowerCase();
  if (lower !== 'e' && lower !== 'f' && lower !== 'g') return wrong(verb, value);
  const text = formatFloat(value, lower, spec.precision ?? (lower === 'g' ? null : 6));
  return signed(verb === 'E' || verb === 'G' ? text.toUpperCase().replace('INF', 'Inf').replace('NAN', 'NaN') : text, spec);
}

function signed(text: string, { flags }: Spec): string {
  if (text.startsWith('-')) return text;
  const plain = text.replace(/^\+/, '');
  if (flags.includes('+')) return `+${plain}`;
  // Go writes +Inf with its sign in any case.
  return flags.includes(' ') ? ` ${plain}` : text;
}

function pad(text: string, { flags, width, precision }: Spec, arg: Value): string {
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  const isNumber = typeof arg === 'number' ? Number.isFinite(arg) : typeof arg === 'bigint' && precision === null;
  if (!flags.includes('0') || !isNumber) return ' '.repeat(missing) + text;
  const sign = /^[-+ ]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}
