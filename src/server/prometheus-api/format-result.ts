import type { Labels } from '../../core/base/labels.ts';
import { sortedNames } from '../../core/base/labels.ts';
import { SECOND, type Millis } from '../../core/base/time.ts';
import type { Histogram } from '../../core/promql/histogram.ts';
import { allBuckets } from '../../core/promql/histogram-layout.ts';
import { formatNumber as formatPlain, formatValue as formatFloat } from '../../core/promql/number.ts';
import { grown } from '../../core/wire/grown.ts';
import { JsonBytes, PointHeads } from './json-bytes.ts';
import type { QueryAnswer, QueryError, QueryValue, SeriesColumns } from './series-part.ts';

/** About so many bytes are written at once; between two pieces other requests have their turn. */
const PIECE_BYTES = 64 * 1024;

export type Answered = Exclude<QueryAnswer, QueryError>;

/** What is shown of an answer: `limit` series at most, 0: all; `stats` when they were asked for. */
export interface Shown {
  readonly limit: number;
  readonly stats: object | null;
}

/** A result as Prometheus' JSON, piece by piece. */
export function* formatAnswer(
  { value, warnings, infos }: Answered,
  { limit, stats }: Shown,
  json: JsonBytes = new JsonBytes(),
): Generator<Buffer, void> {
  json.text(`{"status":"success","data":{"resultType":"${value.resultType}","result":`);
  const isCut = yield* formatValue(json, value, limit);
  const told = isCut ? [...warnings, 'results truncated due to limit'] : warnings;
  if (stats !== null) json.text(`,"stats":${JSON.stringify(stats)}`);
  json.text(
    `}${told.length > 0 ? `,"warnings":${JSON.stringify(told)}` : ''}${infos.length > 0 ? `,"infos":${JSON.stringify(infos)}` : ''}}`,
  );
  yield json.take();
}

function* formatValue(json: JsonBytes, value: QueryValue, limit: number): Generator<Buffer, boolean> {
  if (value.resultType === 'scalar') {
    // Alone, a number is written without exponent.
    json.text(`[${formatSeconds(value.time)},"${formatPlain(value.value)}"]`);
    return false;
  }
  if (value.resultType === 'string') {
    json.text(`[${formatSeconds(value.time)},${JSON.stringify(value.value)}]`);
    return false;
  }
  const { columns } = value;
  const count = limit > 0 ? Math.min(limit, columns.labels.length) : columns.labels.length;
  json.text('[');
  yield* value.resultType === 'vector' ? formatVector(json, columns, count) : formatMatrix(json, columns, count);
  json.text(']');
  return count < columns.labels.length;
}

function* formatVector(json: JsonBytes, { labels, starts, times, values, histograms }: SeriesColumns, count: number): Generator<Buffer> {
  for (let series = 0; series < count; series++) {
    const at = starts[series] ?? 0;
    const time = formatSeconds(times[at] ?? 0);
    const histogram = histograms?.[at] ?? null;
    const point =
      histogram === null ? `"value":[${time},"${formatNumber(values[at] ?? 0)}"]` : `"histogram":[${time},${formatHistogram(histogram)}]`;
    json.text(`${series === 0 ? '' : ','}{"metric":${formatMetric(labels[series] ?? {})},${point}}`);
    if (json.size > PIECE_BYTES) yield json.take();
  }
}

function* formatMatrix(json: JsonBytes, columns: SeriesColumns, count: number): Generator<Buffer> {
  const { labels, starts, times, histograms } = columns;
  const moments = new Moments();
  for (let series = 0; series < count; series++) {
    json.text(`${series === 0 ? '' : ','}{"metric":${formatMetric(labels[series] ?? {})}`);
    const from = starts[series] ?? 0;
    const to = starts[series + 1] ?? times.length;
    let opened = false;
    moments.restart();
    for (let at = from; at < to; ) {
      if (histograms !== undefined && (histograms[at] ?? null) !== null) {
        at += 1;
        continue;
      }
      if (!opened) json.text(',"values":[');
      at = formatPoints(json, moments, columns, { at, to, opened });
      opened = true;
      if (json.size > PIECE_BYTES) yield json.take();
    }
    json.text(`${opened ? ']' : ''}${histograms === undefined ? '' : formatHistograms(times, histograms, { from, to })}}`);
  }
}

/** Writes numbers up to the end, a histogram or the end of the piece; the place of the next point. */
function formatPoints(
  json: JsonBytes,
  moments: Moments,
  { times, values, histograms }: SeriesColumns,
  run: { readonly at: number; readonly to: number; readonly opened: boolean },
): number {
  let { at } = run;
  if (!run.opened) {
    json.text(headOf(times[at] as number).slice(1));
    json.number(values[at] as number);
    json.text('"]');
    at += 1;
  }
  for (; at < run.to && json.size <= PIECE_BYTES; at += 1) {
    if (histograms !== undefined && (histograms[at] ?? null) !== null) break;
    json.point(moments.heads, moments.placeOf(times, at), values, at);
  }
  return at;
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

/** The beginning of a point; no time that a request can name makes it longer than `PointHeads` takes. */
function headOf(time: Millis): string {
  return `,[${formatSeconds(time)},"`;
}

const MOST_MOMENTS = 20_000;

/** The beginnings of the points of a matrix. All its series stand on the same grid: each is made once, and found beside the one before. */
class Moments {
  /** Behind the first, which is that of a moment alone, those of the moments that are remembered. */
  readonly heads = new PointHeads();
  #times: Float64Array = new Float64Array(64);
  #count = 0;
  #at = 0;

  /** The next moment asked for will be the first of a series. */
  restart(): void {
    this.#at = 0;
  }

  /** Where among the heads the beginning of a point stands, until the next is asked for. */
  placeOf(times: Float64Array, index: number): number {
    const time = times[index] as number;
    const known = this.#times;
    while (this.#at < this.#count && (known[this.#at] as number) < time) this.#at += 1;
    if (this.#at === this.#count || known[this.#at] !== time) return this.#make(time);
    this.#at += 1;
    return this.#at;
  }

  #make(time: Millis): number {
    // A moment before others that are known is not remembered: that would move them all.
    const isKept = this.#at === this.#count && this.#count < MOST_MOMENTS;
    if (isKept) {
      if (this.#count === this.#times.length) this.#times = grown(this.#times, new Float64Array(this.#count * 2));
      this.#times[this.#count] = time;
      this.#count += 1;
      this.#at += 1;
    }
    const place = isKept ? this.#count : 0;
    this.heads.put(place, headOf(time));
    return place;
  }
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
