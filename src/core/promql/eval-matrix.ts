import type { MatrixExpr, SubqueryExpr } from './ast.ts';
import { compareLabels, FLOAT, HISTOGRAM, withoutName } from './column.ts';
import { evalRangeVector } from './eval-range.ts';
import type { Evaluation } from './evaluation.ts';
import type { Histogram } from './histogram.ts';
import type { ResultSeries } from './result.ts';
import { extendWindow } from './range-extended.ts';
import type { RangeSeries, RangeVector } from './window.ts';

/** The samples of a range expression at a single instant, sorted by labels. */
export function evalMatrix(evaluation: Evaluation, expr: MatrixExpr | SubqueryExpr): ResultSeries[] {
  const vector = evalRangeVector(evaluation, expr, '');
  const results: ResultSeries[] = [];
  for (const series of vector.series) {
    const result = vector.edges === 'plain' ? rawSeries(series, vector) : extendWindow(evaluation, vector, series);
    if (result.times.length > 0) results.push(result);
  }
  return results.sort((a, b) => compareLabels(a.labels, b.labels));
}

interface Point {
  readonly time: number;
  readonly value: number;
  readonly histogram: Histogram | null;
}

function rawSeries(series: RangeSeries, { firstEnd, range }: RangeVector): ResultSeries {
  const inside = (time: number): boolean => time > firstEnd - range && time <= firstEnd;
  const points: Point[] = Array.from(series.times, (time, at) => ({ time, value: series.values[at] ?? 0, histogram: null }));
  for (const [at, histogram] of series.histograms.entries()) points.push({ time: series.histogramTimes[at] ?? 0, value: 0, histogram });
  const kept = points.filter((point) => inside(point.time)).sort((a, b) => a.time - b.time);
  return {
    labels: series.dropName ? withoutName(series.labels) : series.labels,
    times: Float64Array.from(kept, (point) => point.time),
    values: Float64Array.from(kept, (point) => point.value),
    present: Uint8Array.from(kept, (point) => (point.histogram === null ? FLOAT : HISTOGRAM)),
    histograms: series.histograms.length === 0 ? null : kept.map((point) => point.histogram),
  };
}
