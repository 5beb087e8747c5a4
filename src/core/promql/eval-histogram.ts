import { NAME, labelsKey, type Labels } from '../base/labels.ts';
import { forMetric } from './annotations.ts';
import { bare, type CallExpr, type Expr } from './ast.ts';
import { bucketFraction, bucketQuantile, type ClassicBucket, joinBuckets, outsideQuantile, prepareBuckets } from './bucket-quantile.ts';
import { type Column, FLOAT, HISTOGRAM, isEmpty, newColumn, putFloat, withLabel } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import type { Histogram } from './histogram.ts';
import { histogramFraction, histogramQuantile } from './histogram-quantile.ts';
import { histogramVariance } from './histogram-variance.ts';
import { formatOpenMetrics, parseNumber } from './number.ts';
import { whyNoQuantile } from './quantile.ts';
import { QueryError } from './query-error.ts';
import { isValidText } from './quote.ts';

const simple: ReadonlyMap<string, (histogram: Histogram) => number> = new Map([
  ['histogram_avg', (histogram) => histogram.sum / histogram.count],
  ['histogram_count', (histogram) => histogram.count],
  ['histogram_stddev', (histogram) => Math.sqrt(histogramVariance(histogram))],
  ['histogram_stdvar', histogramVariance],
  ['histogram_sum', (histogram) => histogram.sum],
]);

/** The names of the functions that read histograms. */
export const histogramFunctions: readonly string[] = [...simple.keys(), 'histogram_fraction', 'histogram_quantile', 'histogram_quantiles'];

/** Any function over native or classic histograms. */
export function evalHistogramFunction(evaluation: Evaluation, call: CallExpr): Column[] {
  const of = simple.get(call.name);
  if (of !== undefined) return mapHistograms(evaluation.columns(call.args[0] ?? call), of);
  if (call.name === 'histogram_quantile') return evalQuantile(evaluation, call);
  return call.name === 'histogram_fraction' ? evalFraction(evaluation, call) : evalQuantiles(evaluation, call);
}

function mapHistograms(columns: readonly Column[], map: (histogram: Histogram) => number): Column[] {
  const results: Column[] = [];
  for (const column of columns) {
    if (column.histograms === null) continue;
    const result = newColumn(column.labels, column.present.length, true);
    for (const [step, histogram] of column.histograms.entries()) {
      if (histogram !== null && column.present[step] === HISTOGRAM) putFloat(result, step, map(histogram));
    }
    if (!isEmpty(result)) results.push(result);
  }
  return results;
}

/** The series of one histogram: classic buckets, a native histogram, or (by mistake) both. */
interface HistogramGroup {
  readonly labels: Labels;
  readonly buckets: { readonly upper: number; readonly column: Column }[];
  /** More than one where series of the same labels have elements at different steps. */
  readonly natives: Column[];
}

/** Sorts columns into histograms; buckets without a usable `le` are noted and left out. */
function groupHistograms(evaluation: Evaluation, columns: readonly Column[], arg: Expr): HistogramGroup[] {
  const groups = new Map<string, HistogramGroup>();
  const groupOf = (labels: Labels): HistogramGroup => {
    const key = labelsKey(labels);
    let group = groups.get(key);
    if (group === undefined) {
      group = { labels, buckets: [], natives: [] };
      groups.set(key, group);
    }
    return group;
  };
  for (const column of columns) {
    if (column.histograms !== null) groupOf(column.labels).natives.push(column);
    if (!column.present.includes(FLOAT)) continue;
    const le = column.labels['le'] ?? '';
    const upper = parseNumber(le);
    if (upper === null || le === '') {
      const message = `bucket label "le" is missing or has a malformed value of ${JSON.stringify(le)}`;
      evaluation.notes.warn(message + forMetric(column.labels[NAME] ?? ''), arg);
    } else {
      groupOf(withLabel(column.labels, 'le', '')).buckets.push({ upper, column });
    }
  }
  return [...groups.values()];
}

/** How to read a value from one histogram at one step. */
interface Reader {
  readonly native: (histogram: Histogram, group: HistogramGroup, step: number) => number;
  readonly classic: (buckets: ClassicBucket[], group: HistogramGroup, step: number) => number;
}

function readGroups(evaluation: Evaluation, groups: readonly HistogramGroup[], arg: Expr, reader: Reader): Column[] {
  const results: Column[] = [];
  for (const group of groups) {
    evaluation.query.budget.check();
    const result = newColumn(group.labels, evaluation.steps, true);
    for (let step = 0; step < evaluation.steps; step += 1) {
      const buckets: ClassicBucket[] = [];
      for (const { upper, column } of group.buckets) {
        if (column.present[step] === FLOAT) buckets.push({ upper, count: column.values[step] ?? 0 });
      }
      const native = group.natives.find((column) => column.present[step] === HISTOGRAM)?.histograms?.[step] ?? null;
      if (native !== null && buckets.length > 0) {
        evaluation.notes.warn(`vector contains a mix of classic and native histograms${forMetric(group.labels[NAME] ?? '')}`, arg);
      } else if (native !== null) {
        putFloat(result, step, reader.native(native, group, step));
      } else if (buckets.length > 0) {
        putFloat(result, step, reader.classic(buckets, group, step));
      }
    }
    if (!isEmpty(result)) results.push(result);
  }
  return results;
}

function evalQuantile(evaluation: Evaluation, call: CallExpr): Column[] {
  const [quantile, vector] = call.args;
  if (quantile === undefined || vector === undefined) return [];
  const qs = evaluation.scalars(quantile);
  const groups = groupHistograms(evaluation, evaluation.columns(vector), bare(vector));
  noteQuantiles(evaluation, qs, bare(quantile));
  return readQuantiles(evaluation, groups, qs, bare(vector));
}

function noteQuantiles(evaluation: Evaluation, qs: Float64Array, arg: Expr): void {
  for (const q of new Set(qs)) {
    const why = whyNoQuantile(q);
    if (why !== null) evaluation.notes.warn(why, arg);
  }
}

function readQuantiles(evaluation: Evaluation, groups: readonly HistogramGroup[], qs: Float64Array, vector: Expr): Column[] {
  const { notes } = evaluation;
  return readGroups(evaluation, groups, vector, {
    native: (histogram, group, step) => {
      const { value, nan } = histogramQuantile(qs[step] ?? 0, histogram);
      const result = nan === 'result-nan' ? 'result is NaN' : 'result is skewed higher';
      if (nan !== 'none')
        notes.info(`input to histogram_quantile has NaN observations, ${result}${forMetric(group.labels[NAME] ?? '')}`, vector);
      return value;
    },
    classic: (buckets, group, step) => {
      const q = qs[step] ?? 0;
      const outside = outsideQuantile(q);
      if (outside !== null) return outside;
      const prepared = prepareBuckets(buckets);
      if (prepared === null) return Number.NaN;
      if (prepared.mended !== null) {
        const time = evaluation.time(step);
        notes.mended(MENDED + forMetric(group.labels[NAME] ?? ''), vector, { ...prepared.mended, first: time, last: time, samples: 1 });
      }
      return bucketQuantile(q, prepared.buckets);
    },
  });
}

const MENDED =
  'input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)';

function evalQuantiles(evaluation: Evaluation, call: CallExpr): Column[] {
  const [vector, name, ...quantiles] = call.args;
  if (vector === undefined) return [];
  const label = evaluation.text(name);
  if (label === '' || !isValidText(label)) throw new QueryError(`invalid label name ${JSON.stringify(label)}`);
  const groups = groupHistograms(evaluation, evaluation.columns(vector), bare(vector));
  const results: Column[] = [];
  for (const quantile of quantiles) {
    const qs = evaluation.scalars(quantile);
    noteQuantiles(evaluation, qs, bare(quantile));
    for (const column of readQuantiles(evaluation, groups, qs, bare(vector))) {
      results.push(...splitByQuantile(evaluation, column, qs, label));
    }
  }
  return results;
}

/** A quantile that changes from step to step makes a series for each of its values. */
function splitByQuantile(evaluation: Evaluation, column: Column, qs: Float64Array, label: string): Column[] {
  const parts = new Map<number, Column>();
  for (let step = 0; step < evaluation.steps; step += 1) {
    if (column.present[step] !== FLOAT) continue;
    const q = qs[step] ?? 0;
    let part = parts.get(q);
    if (part === undefined) {
      part = newColumn(withLabel(column.labels, label, formatOpenMetrics(q)), evaluation.steps, true);
      parts.set(q, part);
    }
    putFloat(part, step, column.values[step] ?? 0);
  }
  return [...parts.values()];
}

function evalFraction(evaluation: Evaluation, call: CallExpr): Column[] {
  const [low, high, vector] = call.args;
  if (low === undefined || high === undefined || vector === undefined) return [];
  const lower = evaluation.scalars(low);
  const upper = evaluation.scalars(high);
  const groups = groupHistograms(evaluation, evaluation.columns(vector), bare(vector));
  return readGroups(evaluation, groups, bare(vector), {
    native: (histogram, group, step) => {
      const { value, nan } = histogramFraction(lower[step] ?? 0, upper[step] ?? 0, histogram);
      const message = 'input to histogram_fraction has NaN observations, which are excluded from all fractions';
      if (nan !== 'none') evaluation.notes.info(message + forMetric(group.labels[NAME] ?? ''), bare(vector));
      return value;
    },
    classic: (buckets, _group, step) => {
      const joined = joinBuckets(buckets);
      return joined === null ? Number.NaN : bucketFraction(lower[step] ?? 0, upper[step] ?? 0, joined);
    },
  });
}
