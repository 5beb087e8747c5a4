import { parseDuration, SECOND } from '../base/time.ts';
import { utf8Bytes } from '../base/utf8.ts';
import { compareValues, equalValues } from './compare.ts';
import { humanize, humanize1024, humanizeDuration, humanizePercentage, humanizeTimestamp } from './humanize.ts';
import { escapeHtml, escapeQuery, lowerText, matchPattern, replacePattern, stripDomain, stripPort, titleText, upperText } from './texts.ts';
import { formatPrintf } from './printf.ts';
import { formatValue, isList, isTrue, TemplateFailure, typeName, type Value } from './value.ts';

/** What a function may know besides its arguments. */
export interface FunctionContext {
  readonly externalUrl: string;
}

/** A function of templates; it gets between `least` and `most` arguments and throws a TemplateFailure when it cannot answer. */
export interface TemplateFunction {
  readonly least: number;
  readonly most: number;
  readonly call: (args: readonly Value[], context: FunctionContext) => Value;
}

const MANY = 100;
const table = new Map<string, TemplateFunction>();

/** Every function of templates by its name. */
export const functions: ReadonlyMap<string, TemplateFunction> = table;

function define(name: string, counts: readonly [number, number], call: TemplateFunction['call']): void {
  table.set(name, { least: counts[0], most: counts[1], call });
}

function text(args: readonly Value[], at: number): string {
  const value = args[at] ?? null;
  if (typeof value === 'string') return value;
  throw new TemplateFailure(`expected string; found ${typeName(value)}`);
}

/** Prometheus' convertToFloat: numbers and what reads as one. */
function float(args: readonly Value[], at: number): number {
  const value = args[at] ?? null;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') throw new TemplateFailure(`can't convert ${typeName(value)} to float`);
  if (/^[+-]?inf(inity)?$/i.test(value)) return value.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(value)) return Number.NaN;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return Number(value);
  throw new TemplateFailure(`parsing ${JSON.stringify(value.slice(0, 100))}: invalid syntax`);
}

function number(name: string, format: (value: number) => string): void {
  define(name, [1, 1], (args) => format(float(args, 0)));
}

number('humanize', humanize);
number('humanize1024', humanize1024);
number('humanizeDuration', humanizeDuration);
number('humanizePercentage', humanizePercentage);
number('humanizeTimestamp', (value) => {
  const written = humanizeTimestamp(value);
  if (written === null) throw new TemplateFailure(`${value} cannot be represented as a nanoseconds timestamp since it overflows int64`);
  return written;
});
define('parseDuration', [1, 1], (args) => {
  const written = text(args, 0);
  const length = parseDuration(written);
  if (length === null) throw new TemplateFailure(`not a valid duration string: ${JSON.stringify(written.slice(0, 100))}`);
  return length / SECOND;
});

define('toUpper', [1, 1], (args) => upperText(text(args, 0)));
define('toLower', [1, 1], (args) => lowerText(text(args, 0)));
define('title', [1, 1], (args) => titleText(text(args, 0)));
define('stripPort', [1, 1], (args) => stripPort(text(args, 0)));
define('stripDomain', [1, 1], (args) => stripDomain(text(args, 0)));
define('match', [2, 2], (args) => matchPattern(text(args, 0), text(args, 1)));
define('reReplaceAll', [3, 3], (args) => replacePattern(text(args, 0), text(args, 1), text(args, 2)));
define('safeHtml', [1, 1], (args) => text(args, 0));
define('urlQueryEscape', [1, 1], (args) => escapeQuery(text(args, 0)));
define('graphLink', [1, 1], (args) => `/graph?g0.expr=${escapeQuery(text(args, 0))}&g0.tab=0`);
define('tableLink', [1, 1], (args) => `/graph?g0.expr=${escapeQuery(text(args, 0))}&g0.tab=1`);
define('externalURL', [0, 0], (_, { externalUrl }) => externalUrl);
define('pathPrefix', [0, 0], (_, { externalUrl }) => /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^?#]*)/i.exec(externalUrl)?.[1] ?? '');

define('printf', [1, MANY], (args) => formatPrintf(text(args, 0), args.slice(1)));
define('print', [0, MANY], (args) => {
  // Go's fmt.Sprint: a space between two operands when neither is a text.
  let out = '';
  for (const [at, arg] of args.entries())
    out += (at > 0 && typeof arg !== 'string' && typeof args[at - 1] !== 'string' ? ' ' : '') + formatValue(arg);
  return out;
});
define('println', [0, MANY], (args) => `${args.map(formatValue).join(' ')}\n`);
define('html', [1, MANY], (args) => escapeHtml(args.map(formatValue).join('')));
define('urlquery', [1, MANY], (args) => escapeQuery(args.map(formatValue).join('')));

define('not', [1, 1], (args) => !isTrue(args[0] ?? null));
define('and', [1, MANY], (args) => args.find((arg) => !isTrue(arg)) ?? args.at(-1) ?? null);
define('or', [1, MANY], (args) => args.find((arg) => isTrue(arg)) ?? args.at(-1) ?? null);
define('eq', [2, MANY], ([first = null, ...rest]) => rest.some((each) => equalValues(first, each)));
define('ne', [2, 2], ([first = null, second = null]) => !equalValues(first, second));
define('lt', [2, 2], ([first = null, second = null]) => compareValues(first, second) === 'less');
define('le', [2, 2], ([first = null, second = null]) => ['less', 'equal'].includes(compareValues(first, second)));
define('gt', [2, 2], ([first = null, second = null]) => compareValues(first, second) === 'greater');
define('ge', [2, 2], ([first = null, second = null]) => ['greater', 'equal'].includes(compareValues(first, second)));

define('len', [1, 1], ([value = null]) => {
  if (typeof value === 'string') return BigInt(utf8Bytes(value).length);
  if (isList(value)) return BigInt(value.length);
  if (value !== null && typeof value === 'object' && value.kind === 'map') return BigInt(value.entries.size);
  throw new TemplateFailure(`len of type ${typeName(value)}`);
});
define('index', [1, MANY], ([value = null, ...keys]) => keys.reduce<Value>(indexOne, value));

function indexOne(value: Value, key: Value): Value {
  if (isList(value) && typeof key === 'bigint') {
    const found = value[Number(key)];
    if (key < 0n || found === undefined) throw new TemplateFailure(`index out of range: ${key}`);
    return found;
  }
  if (value !== null && typeof value === 'object' && !isList(value) && value.kind === 'map' && typeof key === 'string') {
    return value.entries.get(key) ?? '';
  }
  throw new TemplateFailure(`can't index item of type ${typeName(value)} with ${typeName(key)}`);
}
