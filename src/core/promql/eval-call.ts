import type { CallExpr } from './ast.ts';
import type { Column, Value } from './column.ts';
import { evalAbsent } from './eval-absent.ts';
import { evalHistogramFunction, histogramFunctions } from './eval-histogram.ts';
import { evalInfo } from './eval-info.ts';
import { evalLabelJoin, evalLabelReplace } from './eval-labels.ts';
import { evalClamp, evalRound, mapFloats, mathFunctions } from './eval-math.ts';
import { evalRangeCall } from './eval-range.ts';
import { evalNumber, evalScalar, evalVector } from './eval-scalar.ts';
import { evalSort, evalSortByLabel } from './eval-sort.ts';
import { dateFunctions, evalDate, evalStartTimestamp, evalTimestamp } from './eval-time.ts';
import type { Evaluation } from './evaluation.ts';
import { QueryError } from './query-error.ts';
import { changes, resets } from './range-changes.ts';
import { maxOverTime, minOverTime } from './range-extremes.ts';
import * as over from './range-over-time.ts';
import { delta, idelta, increase, irate, rate } from './range-rate.ts';
import { deriv, doubleExponentialSmoothing, predictLinear } from './range-regression.ts';
import { avgOverTime, sumOverTime } from './range-sums.ts';
import type { RangeFunctionOf } from './window.ts';

const rangeFunctions: ReadonlyMap<string, RangeFunctionOf> = new Map<string, RangeFunctionOf>([
  ['absent_over_time', () => over.presentOverTime],
  ['avg_over_time', avgOverTime],
  ['changes', () => changes],
  ['count_over_time', () => over.countOverTime],
  ['delta', () => delta],
  ['deriv', () => deriv],
  ['double_exponential_smoothing', () => doubleExponentialSmoothing],
  ['first_over_time', () => over.firstOverTime],
  ['idelta', () => idelta],
  ['increase', () => increase],
  ['irate', () => irate],
  ['last_over_time', () => over.lastOverTime],
  ['mad_over_time', over.madOverTime],
  ['max_over_time', maxOverTime],
  ['min_over_time', minOverTime],
  ['predict_linear', () => predictLinear],
  ['present_over_time', () => over.presentOverTime],
  ['quantile_over_time', over.quantileOverTime],
  ['rate', () => rate],
  ['resets', () => resets],
  ['stddev_over_time', () => over.stddevOverTime],
  ['stdvar_over_time', () => over.stdvarOverTime],
  ['sum_over_time', sumOverTime],
  ['ts_of_first_over_time', () => over.tsOfFirstOverTime],
  ['ts_of_last_over_time', () => over.tsOfLastOverTime],
  ['ts_of_max_over_time', () => over.tsOfMaxOverTime],
  ['ts_of_min_over_time', () => over.tsOfMinOverTime],
]);

type VectorFunction = (evaluation: Evaluation, call: CallExpr) => Column[];

const vectorFunctions: ReadonlyMap<string, VectorFunction> = new Map<string, VectorFunction>([
  ['absent', evalAbsent],
  ['clamp', evalClamp],
  ['clamp_max', evalClamp],
  ['clamp_min', evalClamp],
  ['info', evalInfo],
  ['label_join', evalLabelJoin],
  ['label_replace', evalLabelReplace],
  ['round', evalRound],
  ['sort', evalSort],
  ['sort_by_label', evalSortByLabel],
  ['sort_by_label_desc', evalSortByLabel],
  ['sort_desc', evalSort],
  ['start_timestamp', evalStartTimestamp],
  ['timestamp', evalTimestamp],
  ['vector', evalVector],
  ...dateFunctions.map((name): [string, VectorFunction] => [name, evalDate]),
  ...histogramFunctions.map((name): [string, VectorFunction] => [name, evalHistogramFunction]),
]);

/** Any function call. */
export function evalCall(evaluation: Evaluation, call: CallExpr): Value {
  const overRange = rangeFunctions.get(call.name);
  if (overRange !== undefined) return { kind: 'vector', columns: evalRangeCall(evaluation, call, overRange) };
  const math = mathFunctions.get(call.name);
  const [vector] = call.args;
  if (math !== undefined && vector !== undefined) return { kind: 'vector', columns: mapFloats(evaluation.columns(vector), math) };
  const ofVector = vectorFunctions.get(call.name);
  if (ofVector !== undefined) return { kind: 'vector', columns: ofVector(evaluation, call) };
  if (call.name === 'scalar') return evalScalar(evaluation, call);
  if (SCALARS.has(call.name)) return evalNumber(evaluation, call);
  throw new QueryError(`unknown function with name ${JSON.stringify(call.name)}`);
}

const SCALARS: ReadonlySet<string> = new Set(['time', 'pi', 'start', 'end', 'range', 'step', 'max_of', 'min_of']);
