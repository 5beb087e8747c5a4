import type { Labels } from '../../core/base/labels.ts';
import { sortedNames } from '../../core/base/labels.ts';
import { SECOND, type Millis } from '../../core/base/time.ts';
import type { Histogram } from '../../core/promql/histogram.ts';
import { allBuckets } from '../../core/promql/histogram-layout.ts';
import { formatNumber as formatPlain, formatValue as formatFloat } from '../../core/promql/number.ts';
import type { QueryAnswer, QueryError, QueryValue, SeriesColumns } from './series-part.ts';

/** About so many characters are written at once; between two pieces other requests have their turn. */
const PIECE_CHARACTERS = 64 * 1024;

export type Answered = Exclude<QueryAnswer, QueryError>;

/** What is shown of an answer: `limit` series at most, 0: all; `stats` when they were asked for. */
export interface Shown {
  readonly limit: number;
  readonly stats: object | null;
}

/** A result as Prometheus' JSON, piece by piece. */
export function* formatAnswer({ value, warnings, infos }: Answered, { limit, stats }: Shown): Generator<string> {
  yield `{"status":"success","data":{"resultType":"${value.resultType}","result":`;
  const isCut = yield* formatValue(value, limit);
  const told = isCut ? [...warnings, 'results truncated due to limit'] : warnings;
  if (stats !== null) yield `,"stats":${JSON.stringify(stats)}`;
  yield `}${told.length > 0 ? `,"warnings":${JSON.stringify(told)}` : ''}${infos.length > 0 ? `,"infos":${JSON.stringify(infos)}` : ''}}`;
}

function* formatValue(value: QueryValue, limit: number): Generator<string, boolean> {
  if (value.resultType === 'scalar') {
    // Alone, a number is written without exponent.
    yield `[${formatSeconds(value.time)},"${formatPlain(value.value)}"]`;
    return false;
  }
  if (value.resultType === 'string') {
    yield `[${formatSeconds(value.time)},${JSON.stringify(value.value)}]`;
    return false;
  }
  const { columns } = value;
  const count = limit > 0 ? Math.min(limit, columns.labels.length) : columns.labels.length;
  yield '[';
  yield* value.resultType === 'vector' ? formatVector(columns, count) : formatMatrix(columns, count);
  yield ']';
  return count < columns.labels.length;
}

function* formatVector({ labels, starts, times, values, histograms }: SeriesColumns, count: number): Generator<string> {
  let text = '';
  for (let series = 0; series < count; series++) {
    const at = starts[series] ?? 0;
    const time = formatSeconds(times[at] ?? 0);
    const histogram = histograms?.[at] ?? null;
    const point =
      histogram === null ? `"value":[${time},"${formatNumber(values[at] ?? 0)}"]` : `"histogram":[${time},${formatHistogram(histogram)}]`;
    text += `${series === 0 ? '' : ','}{"metric":${formatMetric(labels[series] ?? {})},${point}}`;
    if (text.length > PIECE_CHARACTERS) {
      yield text;
      text = '';
    }
  }
  yield text;
}

function* formatMatrix({ labels, starts, times, values, histograms }: SeriesColumns, count: number): Generator<string> {
  // All series of a range query stand on the same grid: the text of a moment is made once.
  const moments = new Map<Millis, string>();
  let text = '';
  for (let series = 0; series < count; series++) {
    text += `${series === 0 ? '' : ','}{"metric":${formatMetric(labels[series] ?? {})}`;
    const end = starts[series + 1] ?? times.length;
    let opened = false;
    for (let at = starts[series] ?? 0; at < end; at++) {
      if (histograms !== undefined && (histograms[at] ?? null) !== null) continue;
      text += `${opened ? ',' : ',"values":['}${momentOf(moments, times[at] ?? 0)}"${formatNumber(values[at] ?? 0)}"]`;
      opened = true;
      if (text.length > PIECE_CHARACTERS) {
        yield text;
        text = '';
      }
    }
    text += `${opened ? ']' : ''}${histograms === undefined ? '' : formatHistograms(times, histograms, { from: starts[series] ?? 0, to: end })}}`;
  }
  yield text;
}

function formatHistograms(
  times: Float64Array,
  histograms: readonly (Histogram | null)[],
  { from, to }: { readonly from: number; readonly to: number },
): string {
  const points: string[] = [];
  for (let at = from; at < to; at++) {
    const histogram = histograms[at] ?? null;
    if (histogram !== null) points.push(`[${formatSeconds(times[at] ?? 0)},${formatHistogram(histogram)}]`);
  }
  return points.length === 0 ? '' : `,"histograms":[${points.join(',')}]`;
}

const MOST_MOMENTS = 20_000;

function momentOf(moments: Map<Millis, string>, time: Millis): string {
  const known = moments.get(time);
  if (known !== undefined) return known;
  const text = `[${formatSeconds(time)},`;
  if (moments.size < MOST_MOMENTS) moments.set(time, text);
  return text;
}

/** `{"__name__":"up","job":"x"}`, the names in order. */
function formatMetric(labels: Labels): string {
  const pairs = sortedNames(labels).map((name) => `${JSON.stringify(name)}:${JSON.stringify(labels[name] ?? '')}`);
  return `{${pairs.join(',')}}`;
}

/** Seconds since 1970 with three decimals, or none: `1435781451.781`. */
export function formatSeconds(time: Millis): string {
  const size = Math.abs(time);
  const rest = size % SECOND;
  const whole = `${time < 0 ? '-' : ''}${(size - rest) / SECOND}`;
  return rest === 0 ? whole : `${whole}.${String(rest).padStart(3, '0')}`;
}

/** A value as Prometheus writes it: the shortest text that reads back as the same number. */
export function formatNumber(value: number): string {
  return formatFloat(value);
}

function formatHistogram(histogram: Histogram): string {
  const buckets = allBuckets(histogram)
    .filter((bucket) => bucket.count !== 0)
    .map(({ lower, upper, lowerInclusive, upperInclusive, count }) => {
      const rule = lowerInclusive ? (upperInclusive ? 3 : 1) : upperInclusive ? 0 : 2;
      return `[${rule},"${formatNumber(lower)}","${formatNumber(upper)}","${formatNumber(count)}"]`;
    });
  const list = buckets.length === 0 ? '' : `,"buckets":[${buckets.join(',')}]`;
  return `{"count":"${formatNumber(histogram.count)}","sum":"${formatNumber(histogram.sum)}"${list}}`;
}
