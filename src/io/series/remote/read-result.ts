import type { Labels } from '../../../core/base/labels.ts';
import { SECOND } from '../../../core/base/time.ts';
import { parseNumber } from '../../../core/promql/number.ts';
import type { Histogram } from '../../../core/promql/histogram.ts';
import { parseJsonHistogram } from '../../../core/wire/parse-json-histogram.ts';
import type { QueryAnswer, SeriesColumns } from '../query-answer.ts';

/** What was said beside a result. */
export interface Remarks {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** The `data` of a query as Prometheus answers it; null when it is none. */
export function readResult(data: unknown, remarks: Remarks): QueryAnswer | null {
  if (!isObject(data)) return null;
  const { resultType, result } = data;
  if (resultType === 'scalar' || resultType === 'string') return readSingle(resultType, result, remarks);
  if ((resultType !== 'vector' && resultType !== 'matrix') || !Array.isArray(result)) return null;
  const columns = new GrowingColumns();
  for (const one of result as readonly unknown[]) {
    if (!isObject(one) || !isObject(one['metric'])) return null;
    const numbers = 'value' in one ? [one['value']] : (one['values'] ?? []);
    const histograms = 'histogram' in one ? [one['histogram']] : (one['histograms'] ?? []);
    if (!Array.isArray(numbers) || !Array.isArray(histograms)) return null;
    const points = histograms.length === 0 ? numbers : inOrder([...numbers, ...histograms]);
    if (!columns.add(readLabels(one['metric']), points)) return null;
  }
  const { warnings, infos } = remarks;
  return { result: resultType, series: columns.finish(), warnings, infos, cost: null };
}

function readSingle(kind: 'scalar' | 'string', result: unknown, { warnings, infos }: Remarks): QueryAnswer | null {
  if (!Array.isArray(result) || typeof result[1] !== 'string') return null;
  if (kind === 'string') return { result: 'string', value: result[1], warnings, infos, cost: null };
  const columns = new GrowingColumns();
  return columns.add({}, [result]) ? { result: 'scalar', series: columns.finish(), warnings, infos, cost: null } : null;
}

/** Numbers and histograms of a series stand apart; a point that is none may stand anywhere. */
function inOrder(points: readonly unknown[]): readonly unknown[] {
  const timeOf = (point: unknown): number => (Array.isArray(point) && typeof point[0] === 'number' ? point[0] : 0);
  return points.toSorted((a, b) => timeOf(a) - timeOf(b));
}

class GrowingColumns {
  private readonly labels: Labels[] = [];
  private readonly ends: number[] = [];
  private readonly times: number[] = [];
  private readonly values: number[] = [];
  private readonly histograms = new Map<number, Histogram>();

  /** A series without a point is left out; false when a point is none. */
  add(labels: Labels, points: readonly unknown[]): boolean {
    for (const point of points) {
      if (!Array.isArray(point) || typeof point[0] !== 'number') return false;
      const value = typeof point[1] === 'string' ? parseNumber(point[1]) : parseJsonHistogram(point[1]);
      if (value === null) return false;
      if (typeof value === 'object') this.histograms.set(this.times.length, value);
      this.times.push(Math.round(point[0] * SECOND));
      this.values.push(typeof value === 'object' ? 0 : value);
    }
    if (points.length === 0) return true;
    this.labels.push(labels);
    this.ends.push(this.times.length);
    return true;
  }

  finish(): SeriesColumns {
    return {
      labels: this.labels,
      ends: Uint32Array.from(this.ends),
      times: Float64Array.from(this.times),
      values: Float64Array.from(this.values),
      histograms: this.histograms.size === 0 ? null : this.histograms,
    };
  }
}

/** A label set as JSON says it; what is no text is left out. */
export function readLabels(metric: Readonly<Record<string, unknown>>): Labels {
  return Object.fromEntries(Object.entries(metric).filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
