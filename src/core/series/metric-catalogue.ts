import { NAME } from '../base/labels.ts';
import { METRIC_TYPES, type MetricType } from '../wire/metric-type.ts';
import { decodeUtf8 } from '../wire/utf8.ts';
import type { WriteBatch } from '../wire/write-batch.ts';
import { grown } from '../wire/grown.ts';
import type { SeriesTable } from './series-table.ts';

/** What is known of a metric besides its samples. */
export interface MetricMetadata {
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

const MOST_METRICS = 50_000;
/** Senders may disagree about a metric; of very many opinions only the first count. */
const MOST_OF_ONE = 4;
const LONGEST_NAME = 256;
const LONGEST_TEXT = 1_000;
/** Series of these types have names of their own. */
const SUFFIXED: Partial<Record<MetricType, RegExp>> = {
  histogram: /_(?:bucket|count|sum)$/,
  gaugehistogram: /_(?:bucket|gcount|gsum)$/,
  summary: /_(?:count|sum)$/,
};

/** What write requests said of metrics. */
export class MetricCatalogue {
  /** Metrics that are not in it, because it is full. */
  refused = 0;
  private readonly metrics = new Map<string, MetricMetadata[]>();
  /** By number of the series: a digest of what was said last, so that what is said again and again costs nothing. */
  private seen: Int32Array = new Int32Array(0);

  /** By metric. */
  get all(): ReadonlyMap<string, readonly MetricMetadata[]> {
    return this.metrics;
  }

  /** Takes what a batch says, whose series have these numbers. */
  take({ body, metadata }: WriteBatch, refs: Int32Array, table: SeriesTable): void {
    const { words } = metadata;
    for (let i = 0, at = 0; i < metadata.count; i += 1, at += 8) {
      const series = words[at] ?? -1;
      if (series < 0) {
        this.add(text(body, words[at + 2] ?? 0, words[at + 3] ?? 0, LONGEST_NAME), body, words, at);
        continue;
      }
      const ref = refs[series] ?? -1;
      if (ref < 0 || this.isKnown(ref, digest(body, words, at))) continue;
      const name = table.labels(ref)[NAME] ?? '';
      const suffix = SUFFIXED[METRIC_TYPES[words[at + 1] ?? 0] ?? 'unknown'];
      this.add(suffix === undefined ? name : name.replace(suffix, ''), body, words, at);
    }
  }

  /** Puts an entry to those of the metric, unless it is there. */
  put(name: string, metadata: MetricMetadata): void {
    const known = this.metrics.get(name) ?? [];
    if (known.some(({ type, help, unit }) => type === metadata.type && help === metadata.help && unit === metadata.unit)) return;
    if (known.length >= MOST_OF_ONE) known.shift();
    if (known.length === 0 && this.metrics.size >= MOST_METRICS) this.refused += 1;
    else this.metrics.set(name, [...known, metadata]);
  }

  private add(name: string, body: Uint8Array, words: Int32Array, at: number): void {
    const type = METRIC_TYPES[words[at + 1] ?? 0] ?? 'unknown';
    const help = text(body, words[at + 4] ?? 0, words[at + 5] ?? 0, LONGEST_TEXT);
    const unit = text(body, words[at + 6] ?? 0, words[at + 7] ?? 0, LONGEST_NAME);
    if (name !== '' && (type !== 'unknown' || help !== '' || unit !== '')) this.put(name, { type, help, unit });
  }

  private isKnown(ref: number, digested: number): boolean {
    if (ref >= this.seen.length) this.seen = grown(this.seen, new Int32Array(Math.max(1024, this.seen.length * 2, ref + 1)));
    if (this.seen[ref] === digested) return true;
    this.seen[ref] = digested;
    return false;
  }
}

/** Of type and texts; never 0. */
function digest(body: Uint8Array, words: Int32Array, at: number): number {
  let hash = (words[at + 1] ?? 0) + 0x811c9dc5;
  for (const place of [4, 6]) {
    const to = words[at + place + 1] ?? 0;
    hash = Math.imul(hash ^ 0xff, 0x01000193);
    for (let i = words[at + place] ?? 0; i < to; i += 1) hash = Math.imul(hash ^ (body[i] ?? 0), 0x01000193);
  }
  return hash | 1;
}

/** What is no UTF-8 is left out; what is very long is cut. */
function text(body: Uint8Array, from: number, to: number, longest: number): string {
  return to - from > longest * 4 ? '' : (decodeUtf8(body, from, to) ?? '').slice(0, longest);
}
