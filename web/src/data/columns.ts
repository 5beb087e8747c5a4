/** Series over time as columns: `at` in seconds (as uPlot wants it), and for each series a value or null at each moment. */
export interface Columns {
  readonly at: readonly number[];
  readonly series: readonly Column[];
}

export interface Column {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly (number | null)[];
}

export interface Point {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

export const NO_COLUMNS: Columns = { at: [], series: [] };

/** Columns from the `data` of a Prometheus range query; moments without a value, NaN and infinities are null, so that gaps show as gaps. */
export function parseMatrix(body: unknown, { start, end, step }: Range): Columns {
  const length = Math.max(0, Math.floor((end - start) / step) + 1);
  const at = Array.from({ length }, (_, index) => (start + index * step) / 1000);
  const series = resultOf(body).map(({ metric, values }) => {
    const column: (number | null)[] = Array.from({ length }, () => null);
    for (const [seconds, text] of pairsOf(values)) {
      const index = Math.round((seconds * 1000 - start) / step);
      const value = Number(text);
      if (index >= 0 && index < length && Number.isFinite(value)) column[index] = value;
    }
    return { labels: labelsOf(metric), values: column };
  });
  return { at, series };
}

/** Points from the `data` of a Prometheus instant query. */
export function parseVector(body: unknown): Point[] {
  if (isObject(body) && body['resultType'] === 'scalar' && Array.isArray(body['result'])) {
    return [{ labels: {}, value: Number(body['result'][1]) }];
  }
  return resultOf(body).flatMap(({ metric, value }) =>
    Array.isArray(value) ? [{ labels: labelsOf(metric), value: Number(value[1]) }] : [],
  );
}

function resultOf(body: unknown): Record<string, unknown>[] {
  return isObject(body) && Array.isArray(body['result']) ? body['result'].filter(isObject) : [];
}

function pairsOf(values: unknown): [number, unknown][] {
  if (!Array.isArray(values)) return [];
  return values.flatMap((pair): [number, unknown][] => (Array.isArray(pair) ? [[Number(pair[0]), pair[1]]] : []));
}

function labelsOf(metric: unknown): Record<string, string> {
  return isObject(metric) ? Object.fromEntries(Object.entries(metric).map(([name, value]) => [name, String(value)])) : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The last value that is there, null when there is none. */
export function lastValue(values: readonly (number | null)[]): number | null {
  for (let index = values.length - 1; index >= 0; index--) {
    const value = values[index];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

/** The values from the first one that is there, but at least the last `least`: a series that has just begun fills its picture. */
export function sinceBegin(values: readonly (number | null)[], least: number): readonly (number | null)[] {
  const begin = values.findIndex((value) => value !== null);
  return begin < 0 ? values : values.slice(Math.max(0, Math.min(begin, values.length - least)));
}

const FINE_STEP_MS = 15_000;

/**
 * The range `length` that ends now, on multiples of the step, so that one question has one answer. With a fine step it ends at the next
 * multiple: the newest sample is then in it, not only at the moment after.
 */
export function alignedRange(now: number, length: number, step: number): Range {
  const end = (step <= FINE_STEP_MS ? Math.ceil(now / step) : Math.floor(now / step)) * step;
  return { start: end - Math.floor(length / step) * step, end, step };
}
