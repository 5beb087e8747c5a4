import type { FastifyRequest } from 'fastify';
import { parseInstant } from '../../core/base/calendar.ts';
import { formatProblem } from '../../core/base/problem.ts';
import { parseDuration, SECOND, type Millis } from '../../core/base/time.ts';
import type { SelectorExpr } from '../../core/promql/ast.ts';
import { parseMetricSelector } from '../../core/promql/parse-metric-selector.ts';
import type { QueryError } from './series-part.ts';

/** The earliest and latest moments that Prometheus' clients write when they mean "all". */
export const EARLIEST: Millis = Number.MIN_SAFE_INTEGER;
export const LATEST: Millis = Number.MAX_SAFE_INTEGER;
const EARLIEST_TEXT = '-292273086-05-16T16:47:06Z';
const LATEST_TEXT = '292277025-08-18T07:12:54.999999999Z';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** The parameters of a request, form and address together; those of the form come first, as in Go. */
export function readParams(request: FastifyRequest): URLSearchParams {
  const params = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
  const { searchParams } = new URL(request.url, 'http://tocsin');
  for (const [name, value] of searchParams) params.append(name, value);
  return params;
}

/** A value, or why there is none in the words of Prometheus. */
export type Param<T> = { readonly value: T } | QueryError;

export function badParam(name: string, why: string): QueryError {
  return { errorType: 'bad_data', error: `invalid parameter "${name}": ${why}` };
}

/** RFC 3339, or seconds since 1970 with a fraction; to the millisecond. */
export function timeParam(params: URLSearchParams, name: string, absent: Millis): Param<Millis> {
  const text = params.get(name) ?? '';
  if (text === '') return { value: absent };
  const time = neededTimeParam(params, name);
  return 'error' in time ? badParam(name, `Invalid time value for '${name}': ${whyNoTime(text)}`) : time;
}

/** The same for a time that must be there. */
export function neededTimeParam(params: URLSearchParams, name: string): Param<Millis> {
  const text = params.get(name) ?? '';
  const at = text === '' ? null : parseTime(text);
  return at === null ? badParam(name, whyNoTime(text)) : { value: at };
}

function whyNoTime(text: string): string {
  return `cannot parse ${JSON.stringify(text)} to a valid timestamp`;
}

function parseTime(text: string): Millis | null {
  if (text === EARLIEST_TEXT) return EARLIEST;
  if (text === LATEST_TEXT) return LATEST;
  if (!NUMBER.test(text)) return parseInstant(text);
  const at = Math.round(Number(text) * SECOND);
  return Number.isSafeInteger(at) ? at : null;
}

/** The longest time that Go counts in nanoseconds. */
const LONGEST: Millis = 2 ** 63 / 1e6;

/** A length of time as Prometheus writes it, or seconds with a fraction. */
export function durationParam(params: URLSearchParams, name: string): Param<Millis | null> {
  const text = params.get(name) ?? '';
  if (text === '') return { value: null };
  const isNumber = NUMBER.test(text);
  const length = isNumber ? Number(text) * SECOND : parseDuration(text);
  if (length !== null && Math.abs(length) <= LONGEST) return { value: length };
  return badParam(name, `cannot parse ${JSON.stringify(text)} to a valid duration${isNumber ? '. It overflows int64' : ''}`);
}

/** How far the expression looks back; null when nothing is said, or no time at all. */
export function lookbackParam(params: URLSearchParams): Param<Millis | null> {
  const name = 'lookback_delta';
  const given = durationParam(params, name);
  if (!('error' in given)) return { value: given.value !== null && given.value > 0 ? given.value : null };
  return { ...given, error: given.error.replace(`invalid parameter "${name}"`, 'error parsing lookback delta duration') };
}

/** A whole number as Go reads it; null when it is none. */
export function parseWhole(text: string): number | null {
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The selectors of all `match[]`; what is wrong is said without the name of the parameter. One that selects everything is refused. */
export function selectorsParam(params: URLSearchParams): Param<readonly SelectorExpr[]> {
  const selectors: SelectorExpr[] = [];
  for (const text of params.getAll('match[]')) {
    const { value, problems } = parseMetricSelector(text);
    if (value === null) return { errorType: 'bad_data', error: problems.map(formatProblem).join('\n') };
    selectors.push(value);
  }
  const isWide = selectors.some(({ matchers }) => matchers.every((matcher) => matcher.test('')));
  return isWide ? { errorType: 'bad_data', error: 'match[] must contain at least one non-empty matcher' } : { value: selectors };
}

/** How many at most; 0: all. */
export function limitParam(params: URLSearchParams): Param<number> {
  const text = params.get('limit') ?? '';
  if (text === '') return { value: 0 };
  const limit = parseWhole(text);
  if (limit === null) return badParam('limit', `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return limit < 0 ? badParam('limit', 'limit must be non-negative') : { value: limit };
}

/** A label name as it may stand in an address: `U__http_2e_status` is `http.status`. Null: it is none. */
export function parseLabelName(text: string): string | null {
  if (!text.startsWith('U__')) return text === '' ? null : text;
  let wrong = false;
  const name = text.slice(3).replaceAll(/__|_([0-9a-fA-F]{1,6})_|_/g, (whole, hex: string | undefined) => {
    if (whole === '__') return '_';
    const code = hex === undefined ? Number.NaN : Number.parseInt(hex, 16);
    if (Number.isNaN(code) || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) wrong = true;
    return wrong ? '' : String.fromCodePoint(code);
  });
  return wrong || name === '' ? null : name;
}
