import type { Labels } from '../../../src/core/base/labels.ts';
import { type Buckets, CUSTOM_SCHEMA, type Histogram, NO_BUCKETS, type ResetHint } from '../../../src/core/promql/histogram.ts';
import { addHistograms, compactBuckets, subtractHistograms } from '../../../src/core/promql/histogram-math.ts';
import { parseNumber } from '../../../src/core/promql/number.ts';
import { durationSeconds } from '../../../src/core/promql/parse-duration.ts';
import { parseQuoted } from '../../../src/core/promql/quote.ts';

/** One value of a series description: nothing, the end of the series, a number, or a histogram (and whether its hint was written). */
export type SequenceValue =
  | { readonly kind: 'none' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'histogram'; readonly value: Histogram; readonly hinted: boolean };

export interface SeriesLine {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
}

/** Reads `name{label="value",...}` at the beginning of a line; the rest of the line comes back with it. */
export function parseMetric(line: string): { readonly labels: Labels; readonly rest: string } {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0] ?? '';
  const labels = new Map<string, string>();
  if (name !== '') labels.set('__name__', name);
  let rest = line.slice(name.length);
  if (!rest.startsWith('{')) return { labels: Object.fromEntries(labels), rest };
  rest = rest.slice(1);
  const token = (): string => {
    const match = /^\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|[a-zA-Z_][a-zA-Z0-9_]*|[=,}])/.exec(rest);
    if (match === null) throw new Error(`cannot read labels: ${line}`);
    rest = rest.slice(match[0].length);
    return match[1] ?? '';
  };
  const unquote = (text: string): string => (/^["'`]/.test(text) ? (parseQuoted(text) ?? text) : text);
  for (let at = token(); at !== '}'; at = token()) {
    if (at === ',') continue;
    const quoted = /^["'`]/.test(at);
    if (quoted && /^\s*[,}]/.test(rest)) {
      labels.set('__name__', unquote(at));
      continue;
    }
    if (token() !== '=') throw new Error(`expected "=": ${line}`);
    const value = unquote(token());
    if (value !== '') labels.set(unquote(at), value);
  }
  return { labels: Object.fromEntries(labels), rest };
}

/** Reads a whole series line. */
export function parseSeriesLine(line: string): SeriesLine {
  const { labels, rest } = parseMetric(line);
  return { labels, values: parseValues(rest) };
}

const NUMBER = '[+-]?(?:(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[iI][nN][fF]|[nN][aA][nN])';
const FLOAT = new RegExp(`^(${NUMBER})(?:([+-](?:${NUMBER.slice(5)}))?x([0-9]+))?$`);

/** Reads `1 2+3x4 _ _x3 stale {{schema:0 ...}}x2`. */
function parseValues(text: string): SequenceValue[] {
  const values: SequenceValue[] = [];
  let rest = text.trim();
  while (rest !== '') {
    if (rest.startsWith('{{')) {
      rest = parseHistograms(rest, values);
      continue;
    }
    const word = /^\S+/.exec(rest)?.[0] ?? '';
    rest = rest.slice(word.length).trimStart();
    if (word === 'stale') values.push({ kind: 'stale' });
    else if (/^_(?:x[0-9]+)?$/.test(word)) {
      for (let count = word === '_' ? 1 : Number(word.slice(2)); count > 0; count -= 1) values.push({ kind: 'none' });
    } else parseFloats(word, values);
  }
  return values;
}

function parseFloats(word: string, values: SequenceValue[]): void {
  const match = FLOAT.exec(word);
  if (match === null) throw new Error(`not a value: ${word}`);
  let value = parseNumber(match[1] ?? '') ?? Number.NaN;
  const step = match[2] === undefined ? 0 : (parseNumber(match[2]) ?? Number.NaN);
  const times = match[3] === undefined ? 0 : Number(match[3]);
  for (let count = 0; count <= times; count += 1) {
    values.push({ kind: 'float', value });
    value += step;
  }
}

function parseHistograms(text: string, values: SequenceValue[]): string {
  const first = /^\{\{(.*?)\}\}/.exec(text);
  if (first === null) throw new Error(`not a histogram: ${text}`);
  let rest = text.slice(first[0].length);
  const { value, hinted } = parseHistogram(first[1] ?? '');
  let current = value;
  const more = /^(?:([+-])\{\{(.*?)\}\})?x([0-9]+)/.exec(rest);
  if (more !== null) rest = rest.slice(more[0].length);
  const step = more?.[2] === undefined ? null : parseHistogram(more[2]).value;
  for (let count = more === null ? 0 : Number(more[3]); ; count -= 1) {
    values.push({ kind: 'histogram', value: current, hinted });
    if (count === 0) break;
    if (step === null) continue;
    const next = more?.[1] === '-' ? subtractHistograms(current, step) : addHistograms(current, step);
    if (next === null) throw new Error(`histograms do not fit together: ${text}`);
    current = next.value;
  }
  return rest.trimStart();
}

const HINTS: Readonly<Record<string, ResetHint>> = { reset: 'reset', not_reset: 'not-reset', gauge: 'gauge', unknown: 'unknown' };

function parseHistogram(text: string): { readonly value: Histogram; readonly hinted: boolean } {
  const fields = new Map<string, string>();
  for (const [, key, list, plain] of text.matchAll(/([a-z_]+):\s*(?:\[([^\]]*)\]|(\S+))/g)) fields.set(key ?? '', list ?? plain ?? '');
  const number = (key: string): number => parseNumber(fields.get(key) ?? '0') ?? Number.NaN;
  const list = (key: string): number[] =>
    (fields.get(key) ?? '')
      .trim()
      .split(/\s+/)
      .filter((each) => each !== '')
      .map((each) => parseNumber(each) ?? Number.NaN);
  const buckets = (key: string, offset: string): Buckets => {
    const counts = list(key);
    if (counts.length === 0) return NO_BUCKETS;
    return compactBuckets({ index: Int32Array.from(counts, (_, at) => at + number(offset)), count: Float64Array.from(counts) });
  };
  const customValues = list('custom_values');
  const hint = fields.get('counter_reset_hint');
  const value: Histogram = {
    schema: number('schema'),
    hint: HINTS[hint ?? 'unknown'] ?? 'unknown',
    zeroThreshold: number('z_bucket_w'),
    zeroCount: number('z_bucket'),
    count: number('count'),
    sum: number('sum'),
    positive: buckets('buckets', 'offset'),
    negative: buckets('n_buckets', 'n_offset'),
    customValues,
  };
  if (value.schema === CUSTOM_SCHEMA && fields.has('z_bucket')) throw new Error(`custom buckets have no zero bucket: ${text}`);
  return { value, hinted: hint !== undefined };
}

/** Start times of the samples of a series, relative to the sample: `-1m`, `-1mx3`, `-1m+30sx2`, `_`, `_x3`, `*` and `*x3` (the last known again). Null = not known. */
export function parseStartOffsets(text: string): (number | null)[] {
  const offsets: (number | null)[] = [];
  for (const word of text.trim().split(/\s+/)) {
    if (word === '') continue;
    const gap = /^_(?:x([0-9]+))?$/.exec(word);
    if (gap !== null) {
      for (let count = Number(gap[1] ?? 1); count > 0; count -= 1) offsets.push(null);
      continue;
    }
    const again = /^\*(?:x([0-9]+))?$/.exec(word);
    if (again !== null) {
      const last = offsets.findLast((each) => each !== null) ?? 0;
      for (let count = Number(again[1] ?? 0); count >= 0; count -= 1) offsets.push(last);
      continue;
    }
    const match = /^([+-]?)([0-9a-wyz]+?)(?:([+-])([0-9a-wyz]+?))?(?:x([0-9]+))?$/.exec(word);
    if (match === null) throw new Error(`not a start time: ${word}`);
    let offset = signed(match[1], match[2]);
    const step = match[4] === undefined ? 0 : signed(match[3], match[4]);
    for (let count = Number(match[5] ?? 0); count >= 0; count -= 1) {
      offsets.push(offset);
      offset += step;
    }
  }
  return offsets;
}

function signed(sign: string | undefined, length: string | undefined): number {
  const seconds = length === '0' ? 0 : durationSeconds(length ?? '');
  if (seconds === null) throw new Error(`not a length of time: ${length}`);
  return Math.round(seconds * 1000) * (sign === '-' ? -1 : 1);
}
