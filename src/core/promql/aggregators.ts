import { forMetric, MIXED, MIXED_SCHEMAS, RECONCILED } from './annotations.ts';
import type { AggregateExpr, AggregateOp } from './ast.ts';
import { ABSENT, type Column, FLOAT, HISTOGRAM, putFloat, putHistogram } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import type { Histogram } from './histogram.ts';
import { compactBuckets } from './histogram-math.ts';
import { HistogramMean, HistogramSum } from './histogram-sum.ts';
import { KahanSum } from './kahan.ts';
import { takeQuantile } from './quantile.ts';
import { RunningMean } from './running-mean.ts';

/** One group at work: its columns go in, the result column is filled. */
export interface Aggregation {
  readonly evaluation: Evaluation;
  readonly expr: AggregateExpr;
  readonly columns: readonly Column[];
  readonly result: Column;
  /** The parameter, one value a step. */
  readonly params: Float64Array | null;
}

type Aggregator = (aggregation: Aggregation) => void;

/** The aggregations that make one series of a group. */
export const aggregators: Readonly<
  Record<Exclude<AggregateOp, 'topk' | 'bottomk' | 'limitk' | 'limit_ratio' | 'count_values'>, Aggregator>
> = {
  sum: (aggregation) => (hasHistograms(aggregation) ? mixedTotals(aggregation) : sumFloats(aggregation)),
  avg: (aggregation) => (hasHistograms(aggregation) ? mixedTotals(aggregation) : averageFloats(aggregation)),
  count: ({ columns, result }) => {
    for (const { present } of columns) {
      for (let step = 0; step < present.length; step += 1) {
        if (present[step] === ABSENT) continue;
        result.values[step] = (result.values[step] as number) + 1;
        result.present[step] = FLOAT;
      }
    }
  },
  group: ({ columns, result }) => {
    for (const { present } of columns) {
      for (let step = 0; step < present.length; step += 1) if (present[step] !== ABSENT) putFloat(result, step, 1);
    }
  },
  min: (aggregation) => extreme(aggregation, (value, best) => value < best),
  max: (aggregation) => extreme(aggregation, (value, best) => value > best),
  stddev: (aggregation) => deviation(aggregation, Math.sqrt),
  stdvar: (aggregation) => deviation(aggregation, (variance) => variance),
  quantile: quantiles,
};

function hasHistograms({ columns }: Aggregation): boolean {
  return columns.some((column) => column.histograms !== null);
}

/** Notes histograms that an aggregation of numbers leaves out. */
export function noteIgnored({ evaluation, expr, columns }: Pick<Aggregation, 'evaluation' | 'expr' | 'columns'>, place = expr.expr): void {
  if (!columns.some((column) => column.histograms !== null && column.present.includes(HISTOGRAM))) return;
  evaluation.notes.info(`ignored histogram in ${expr.op} aggregation`, place);
}

function sumFloats({ columns, result }: Aggregation): void {
  const steps = result.present.length;
  const sums = result.values;
  const compensations = new Float64Array(steps);
  for (const { present, values } of columns) {
    for (let step = 0; step < steps; step += 1) {
      if (present[step] !== FLOAT) continue;
      const term = values[step] as number;
      const sum = sums[step] as number;
      const total = sum + term;
      if (total - total !== 0) compensations[step] = 0;
      else if (Math.abs(sum) >= Math.abs(term)) compensations[step] = (compensations[step] as number) + (sum - total + term);
      else compensations[step] = (compensations[step] as number) + (term - total + sum);
      sums[step] = total;
      result.present[step] = FLOAT;
    }
  }
  for (let step = 0; step < steps; step += 1) sums[step] = (sums[step] as number) + (compensations[step] as number);
}

function averageFloats({ columns, result }: Aggregation): void {
  for (let step = 0; step < result.present.length; step += 1) {
    const mean = new RunningMean();
    for (const { present, values } of columns) if (present[step] === FLOAT) mean.add(values[step] as number);
    if (mean.count > 0) putFloat(result, step, mean.mean);
  }
}

/** `sum` and `avg` where histograms are among the columns: all numbers or all histograms at a step, else nothing. */
function mixedTotals(aggregation: Aggregation): void {
  const { evaluation, expr, columns, result } = aggregation;
  for (let step = 0; step < evaluation.steps; step += 1) {
    const floats = columns.filter((column) => column.present[step] === FLOAT);
    const histograms = columns.filter((column) => column.present[step] === HISTOGRAM);
    if (floats.length > 0 && histograms.length > 0) {
      evaluation.notes.warn(`${MIXED} for aggregation`, expr.expr);
    } else if (histograms.length > 0) {
      const total = totalHistograms(aggregation, histograms, step);
      if (total !== null) putHistogram(result, step, total);
    } else if (floats.length > 0) {
      putFloat(result, step, totalFloats(expr, floats, step));
    }
  }
}

function totalFloats(expr: AggregateExpr, columns: readonly Column[], step: number): number {
  const [mean, sum] = [new RunningMean(), new KahanSum()];
  for (const column of columns) (expr.op === 'avg' ? mean : sum).add(column.values[step] ?? 0);
  return expr.op === 'avg' ? mean.mean : sum.total;
}

function totalHistograms({ evaluation, expr }: Aggregation, columns: readonly Column[], step: number): Histogram | null {
  const [first, ...rest] = columns;
  const start = first?.histograms?.[step];
  if (!start) return null;
  const sum = expr.op === 'avg' ? new HistogramMean(start) : new HistogramSum(start);
  for (const column of rest) {
    const term = column.histograms?.[step];
    if (!term || sum.add(term) !== 'incompatible') continue;
    evaluation.notes.warn(MIXED_SCHEMAS + forMetric(column.labels['__name__'] ?? ''), expr.expr);
    return null;
  }
  if (sum.collision) evaluation.notes.warn('conflicting counter resets during histogram aggregation', expr.expr);
  if (sum.reconciled) evaluation.notes.info(`${RECONCILED} aggregation`, expr.expr);
  const total = sum instanceof HistogramMean ? sum.mean : sum.total;
  return { ...total, positive: compactBuckets(total.positive), negative: compactBuckets(total.negative) };
}

function extreme(aggregation: Aggregation, better: (value: number, best: number) => boolean): void {
  const { columns, result } = aggregation;
  noteIgnored(aggregation);
  for (const { present, values } of columns) {
    for (let step = 0; step < present.length; step += 1) {
      if (present[step] !== FLOAT) continue;
      const value = values[step] as number;
      const best = result.values[step] as number;
      if (result.present[step] === FLOAT && !better(value, best) && !Number.isNaN(best)) continue;
      result.values[step] = value;
      result.present[step] = FLOAT;
    }
  }
}

/** Welford's running variance. */
function deviation(aggregation: Aggregation, finish: (variance: number) => number): void {
  const { columns, result } = aggregation;
  noteIgnored(aggregation);
  const steps = result.present.length;
  const counts = new Float64Array(steps);
  const means = new Float64Array(steps);
  const squares = new Float64Array(steps);
  for (const { present, values } of columns) {
    for (let step = 0; step < steps; step += 1) {
      if (present[step] !== FLOAT) continue;
      const value = values[step] as number;
      const count = (counts[step] as number) + 1;
      const mean = means[step] as number;
      const difference = value - mean;
      const next = mean + difference / count;
      counts[step] = count;
      means[step] = next;
      squares[step] = (squares[step] as number) + difference * (value - next);
    }
  }
  for (let step = 0; step < steps; step += 1) {
    const count = counts[step] as number;
    if (count > 0) putFloat(result, step, finish((squares[step] as number) / count));
  }
}

/** So many steps are looked at together: their values stand beside one another in each column. */
const STEPS_TOGETHER = 8;

function quantiles(aggregation: Aggregation): void {
  const { columns, result, params } = aggregation;
  noteIgnored(aggregation);
  const steps = result.present.length;
  const room = columns.length;
  const values = new Float64Array(Math.min(steps, STEPS_TOGETHER) * room);
  const counts = new Uint32Array(STEPS_TOGETHER);
  for (let from = 0; from < steps; from += STEPS_TOGETHER) {
    const together = Math.min(STEPS_TOGETHER, steps - from);
    counts.fill(0);
    for (const column of columns) {
      for (let i = 0; i < together; i += 1) {
        if (column.present[from + i] !== FLOAT) continue;
        const count = counts[i] as number;
        values[i * room + count] = column.values[from + i] as number;
        counts[i] = count + 1;
      }
    }
    for (let i = 0; i < together; i += 1) {
      const count = counts[i] as number;
      if (count === 0) continue;
      putFloat(result, from + i, takeQuantile(params?.[from + i] ?? 0, values.subarray(i * room, i * room + count)));
    }
  }
}
