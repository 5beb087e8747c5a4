import { type Histogram, parseHistogram } from './histogram.ts';

export type Labels = Readonly<Record<string, string>>;

/** One series of a range answer: a value or null at each moment, and the histogram where there is one. */
export interface Track {
  readonly labels: Labels;
  readonly values: readonly (number | null)[];
  readonly histograms: readonly (Histogram | null)[] | null;
}

/** The answer of a range query, all series on the same moments, in seconds. */
export interface RangeAnswer {
  readonly at: readonly number[];
  readonly tracks: readonly Track[];
}

/** One line of the answer to an instant query. `text` is exact; `value` is what it is sorted by. */
export interface Row {
  readonly labels: Labels;
  readonly value: number | null;
  readonly text: string;
  readonly histogram: Histogram | null;
}

interface Grid {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

export function parseRange(data: unknown, { start, end, step }: Grid): RangeAnswer {
  const length = Math.max(0, Math.floor((end - start) / step) + 1);
  const at = Array.from({ length }, (_, index) => (start + index * step) / 1000);
  const indexOf = (seconds: unknown): number => {
    const index = Math.round((Number(seconds) * 1000 - start) / step);
    return index >= 0 && index < length ? index : -1;
  };
  const tracks = resultOf(data).map((element): Track => {
    const values: (number | null)[] = Array.from({ length }, () => null);
    for (const [seconds, text] of pairsOf(element['values'])) {
      const index = indexOf(seconds);
      const value = Number(text);
      if (index >= 0 && Number.isFinite(value)) values[index] = value;
    }
    const given = pairsOf(element['histograms']);
    if (given.length === 0) return { labels: labelsOf(element['metric']), values, histograms: null };
    const histograms: (Histogram | null)[] = Array.from({ length }, () => null);
    for (const [seconds, body] of given) {
      const index = indexOf(seconds);
      if (index >= 0) histograms[index] = parseHistogram(body);
    }
    return { labels: labelsOf(element['metric']), values, histograms };
  });
  return { at, tracks };
}

const MOST_SAMPLES = 20;

/** The lines of an instant answer of any type; of a range vector each series is one line with its last samples. */
export function parseRows(data: unknown): readonly Row[] {
  if (!isObject(data)) return [];
  const result = data['result'];
  if (data['resultType'] === 'scalar' || data['resultType'] === 'string') {
    const text = Array.isArray(result) ? String(result[1]) : '';
    return [{ labels: {}, value: data['resultType'] === 'scalar' ? Number(text) : null, text, histogram: null }];
  }
  return resultOf(data).map((element) => {
    const labels = labelsOf(element['metric']);
    if (data['resultType'] === 'matrix') return { labels, ...lastSamples(pairsOf(element['values'])), histogram: lastHistogram(element) };
    const [, body] = Array.isArray(element['histogram']) ? element['histogram'] : [];
    const histogram = body === undefined ? null : parseHistogram(body);
    const text = Array.isArray(element['value']) ? String(element['value'][1]) : '';
    return { labels, value: histogram === null ? numberOf(text) : histogram.count, text, histogram };
  });
}

function lastSamples(pairs: readonly (readonly [number, unknown])[]): { readonly value: number | null; readonly text: string } {
  const last = pairs.slice(-MOST_SAMPLES);
  const more = pairs.length > last.length ? `… ${pairs.length - last.length} before\n` : '';
  const text = more + last.map(([seconds, value]) => `${String(value)} @ ${seconds}`).join('\n');
  return { value: numberOf(String(last.at(-1)?.[1] ?? '')), text };
}

function lastHistogram(element: Readonly<Record<string, unknown>>): Histogram | null {
  const last = pairsOf(element['histograms']).at(-1);
  return last === undefined ? null : parseHistogram(last[1]);
}

/** Prometheus writes infinities as `+Inf` and `-Inf`. */
function numberOf(text: string): number {
  return text === '' ? Number.NaN : Number(text.replace('Inf', 'Infinity'));
}

function resultOf(data: unknown): readonly Readonly<Record<string, unknown>>[] {
  return isObject(data) && Array.isArray(data['result']) ? data['result'].filter(isObject) : [];
}

function pairsOf(values: unknown): (readonly [number, unknown])[] {
  if (!Array.isArray(values)) return [];
  return values.flatMap((pair: unknown) => (Array.isArray(pair) ? [[Number(pair[0]), pair[1] as unknown] as const] : []));
}

function labelsOf(metric: unknown): Labels {
  return isObject(metric) ? Object.fromEntries(Object.entries(metric).map(([name, value]) => [name, String(value)])) : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
