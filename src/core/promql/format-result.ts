import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import { HISTOGRAM } from './column.ts';
import type { Histogram } from './histogram.ts';
import { allBuckets } from './histogram-layout.ts';
import { formatExponent, formatNumber } from './number.ts';
import type { QueryResult, ResultSeries } from './result.ts';

/** A query's result as the `data` of Prometheus' HTTP API: `{"resultType":...,"result":...}` as JSON text. */
export function formatResult(result: QueryResult): string {
  const type = `{"resultType":"${result.type}","result":`;
  switch (result.type) {
    case 'scalar':
      return `${type}[${formatSeconds(result.time)},"${formatValue(result.value)}"]}`;
    case 'string':
      return `${type}[${formatSeconds(result.time)},${JSON.stringify(result.value)}]}`;
    case 'vector':
      return `${type}[${result.series.map((series) => formatElement(series, result.time)).join(',')}]}`;
    case 'matrix':
      return `${type}[${formatMatrix(result.series)}]}`;
  }
}

/** An instant in seconds as the API writes it: `1435781451.781`, without fraction when it is whole. */
export function formatSeconds(time: Millis): string {
  const positive = Math.abs(time);
  const whole = Math.floor(positive / 1000);
  const rest = positive - whole * 1000;
  const text = rest === 0 ? String(whole) : `${whole}.${String(rest).padStart(3, '0')}`;
  return time < 0 ? `-${text}` : text;
}

/** A number as the API writes it: shortest text, with an exponent only below 1e-6 and from 1e21 on; `NaN`, `+Inf`, `-Inf`. */
export function formatValue(value: number): string {
  if (value - value !== 0 || value === 0) return formatNumber(value);
  const text = String(value);
  const magnitude = value < 0 ? -value : value;
  return magnitude < 1e-6 || magnitude >= 1e21 ? formatExponent(value) : text;
}

const metricTexts = new WeakMap<Labels, string>();

/** A label set as a JSON object with sorted names. */
function formatMetric(labels: Labels): string {
  let text = metricTexts.get(labels);
  if (text === undefined) {
    const pairs = Object.keys(labels)
      .sort()
      .map((name) => `${JSON.stringify(name)}:${JSON.stringify(labels[name])}`);
    text = `{${pairs.join(',')}}`;
    metricTexts.set(labels, text);
  }
  return text;
}

function formatElement(series: ResultSeries, time: Millis): string {
  const histogram = series.present[0] === HISTOGRAM ? series.histograms?.[0] : null;
  const metric = `{"metric":${formatMetric(series.labels)}`;
  if (histogram) return `${metric},"histogram":[${formatSeconds(time)},${formatHistogramJson(histogram)}]}`;
  return `${metric},"value":[${formatSeconds(time)},"${formatValue(series.values[0] ?? 0)}"]}`;
}

function formatMatrix(all: readonly ResultSeries[]): string {
  const parts: string[] = [];
  let times: Float64Array = new Float64Array(0);
  let openings: string[] = [];
  for (const series of all) {
    // Series of one grid share their times, so these are written once.
    if (series.times !== times) {
      times = series.times;
      openings = Array.from(times, (time) => `[${formatSeconds(time)},`);
    }
    parts.push(`{"metric":${formatMetric(series.labels)}${formatFloats(series, openings)}${formatHistograms(series, openings)}}`);
  }
  return parts.join(',');
}

function formatFloats({ values, present }: ResultSeries, openings: readonly string[]): string {
  let text = '';
  for (let at = 0; at < present.length; at += 1) {
    if (present[at] !== 1) continue;
    text += `${text === '' ? '' : ','}${openings[at]}"${formatValue(values[at] as number)}"]`;
  }
  return text === '' ? '' : `,"values":[${text}]`;
}

function formatHistograms({ present, histograms }: ResultSeries, openings: readonly string[]): string {
  if (histograms === null) return '';
  const texts: string[] = [];
  for (const [at, histogram] of histograms.entries()) {
    if (histogram !== null && present[at] === HISTOGRAM) texts.push(`${openings[at]}${formatHistogramJson(histogram)}]`);
  }
  return texts.length === 0 ? '' : `,"histograms":[${texts.join(',')}]`;
}

/** A histogram as the API writes it; the first item of a bucket says which bounds belong to it (0 upper, 1 lower, 2 none, 3 both). */
function formatHistogramJson(histogram: Histogram): string {
  const buckets = allBuckets(histogram).map(({ lower, upper, lowerInclusive, upperInclusive, count }) => {
    const bounds = lowerInclusive ? (upperInclusive ? 3 : 1) : upperInclusive ? 0 : 2;
    return `[${bounds},"${formatValue(lower)}","${formatValue(upper)}","${formatValue(count)}"]`;
  });
  const list = buckets.length === 0 ? '' : `,"buckets":[${buckets.join(',')}]`;
  return `{"count":"${formatValue(histogram.count)}","sum":"${formatValue(histogram.sum)}"${list}}`;
}
