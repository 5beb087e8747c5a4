import type { Labels } from '../base/labels.ts';
import type { WriteBatch } from '../wire/write-batch.ts';
import { ByteTable } from './byte-table.ts';
import { LabelIndex } from './label-index.ts';
import { LabelReader } from './label-reader.ts';
import { REFUSALS, type Refusal } from './refusal.ts';
import { grown } from '../wire/grown.ts';

/** What one series, one source and the whole store may have. A limit refuses new series, never known ones. */
export interface SeriesLimits {
  readonly series: number;
  readonly seriesPerSource: number;
  readonly labels: number;
  readonly nameBytes: number;
  readonly valueBytes: number;
}

/** Generous for a fleet of hosts, small enough to stop a label that holds a user id. */
export const DEFAULT_LIMITS: SeriesLimits = {
  series: 2_000_000,
  seriesPerSource: 1_000_000,
  labels: 64,
  nameBytes: 256,
  valueBytes: 4_096,
};

const UNKNOWN = -1;

/** The label bytes of some series of a request. */
export type LabelRanges = Pick<WriteBatch, 'bytes' | 'labelsFrom' | 'labelsTo' | 'series'>;

/**
 * All series of the store, numbered from 0 in the order they appeared ("ref"), found by their label bytes. Senders keep their order, so
 * the key that followed the last one before is tried first; only else the bytes are hashed. A label set that is not canonical
 * gets a second key that leads to the same series.
 */
export class SeriesTable {
  readonly index: LabelIndex;
  private readonly keys: ByteTable;
  private readonly reader = new LabelReader();
  private nextKey: Int32Array = new Int32Array(1024).fill(UNKNOWN);
  private keySeries: Int32Array = new Int32Array(1024);
  private seriesKey: Int32Array = new Int32Array(1024);
  private sourceOf: Uint16Array = new Uint16Array(1024);
  private readonly sources = new Map<string, number>();
  private readonly sourceNames: string[] = [];
  private readonly sourceCounts: number[] = [];
  private readonly labelCache = new Map<number, Labels>();
  private firstKey = UNKNOWN;
  private aliases = 0;
  /** How many series there are; their numbers are below. */
  count = 0;

  constructor(seed: number) {
    this.keys = new ByteTable(seed);
    this.index = new LabelIndex(seed ^ 0x5bd1e995);
  }

  /** Writes the number of each series of the batch into `refs`; for a refused one `-1 -` the place of the reason in REFUSALS. */
  resolve(batch: LabelRanges, refs: Int32Array, source: string, limits: SeriesLimits): void {
    const { bytes, labelsFrom, labelsTo, series } = batch;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { keys } = this;
    let previous = UNKNOWN;
    for (let s = 0; s < series; s += 1) {
      const from = labelsFrom[s] ?? 0;
      const length = (labelsTo[s] ?? 0) - from;
      const guess = previous < 0 ? this.firstKey : (this.nextKey[previous] ?? UNKNOWN);
      let key = guess;
      if (guess < 0 || !keys.holds(guess, view, from, length)) {
        key = keys.find(view, from, length);
        if (key < 0) {
          const outcome = this.resolveNew(batch, s, this.sourceIndex(source), limits);
          if (outcome.key < 0) {
            refs[s] = outcome.ref;
            continue;
          }
          key = outcome.key;
        }
        if (previous < 0) this.firstKey = key;
        else this.nextKey[previous] = key;
      }
      refs[s] = this.keySeries[key] ?? 0;
      previous = key;
    }
  }

  /** The canonical label bytes of a series. */
  keyBytes(ref: number): Uint8Array {
    return this.keys.bytes(this.seriesKey[ref] ?? 0);
  }

  /** The labels of a series; the same object each time, as long as it is kept. */
  labels(ref: number): Labels {
    const known = this.labelCache.get(ref);
    if (known !== undefined) return known;
    if (this.labelCache.size >= LABEL_CACHE_LIMIT) this.labelCache.clear();
    const bytes = this.keyBytes(ref);
    this.reader.read(bytes, 0, bytes.length);
    const labels = this.index.texts(this.reader, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.labelCache.set(ref, labels);
    return labels;
  }

  /** The metric name of a series; much less work than its labels. */
  metricName(ref: number): string {
    const { reader } = this;
    const bytes = this.keyBytes(ref);
    reader.read(bytes, 0, bytes.length);
    for (let i = 0; i < reader.count; i += 1)
      if (isMetricName(reader, i)) return this.index.valueText(reader, i, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return '';
  }

  /** Who brought the series. */
  sourceName(ref: number): string {
    return this.sourceNames[this.sourceOf[ref] ?? 0] ?? '';
  }

  /** Says who brought a series that was found in a block file. */
  assignSource(ref: number, source: string): void {
    const before = this.sourceOf[ref] ?? 0;
    const after = this.sourceIndex(source);
    this.sourceOf[ref] = after;
    this.sourceCounts[before] = (this.sourceCounts[before] ?? 1) - 1;
    this.sourceCounts[after] = (this.sourceCounts[after] ?? 0) + 1;
  }

  /** How many series each source brought. */
  seriesBySource(): { readonly source: string; readonly series: number }[] {
    return [...this.sources].map(([source, index]) => ({ source, series: this.sourceCounts[index] ?? 0 }));
  }

  /** What table and index occupy, about. */
  get memoryBytes(): number {
    return this.keys.memoryBytes + this.index.memoryBytes + this.nextKey.byteLength * 3 + this.sourceOf.byteLength;
  }

  private resolveNew(batch: LabelRanges, s: number, source: number, limits: SeriesLimits): { readonly key: number; readonly ref: number } {
    const { reader, keys } = this;
    const from = batch.labelsFrom[s] ?? 0;
    const to = batch.labelsTo[s] ?? 0;
    const problem = reader.read(batch.bytes, from, to) ? whyRefused(reader, limits) : 'labels-malformed';
    if (problem !== null) return refused(problem);
    if (to - from > KEY_LIMIT_BYTES) return refused('label-value-too-long');
    if (!reader.canonical) {
      const canonical = reader.encode();
      const known = keys.find(new DataView(canonical.buffer, canonical.byteOffset), 0, canonical.length);
      if (known >= 0) return this.alias(batch, s, known);
      reader.read(canonical, 0, canonical.length);
    }
    const { bytes } = reader;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!this.index.allows(reader, view)) return refused('labels-not-utf8');
    if (this.count >= limits.series) return refused('series-limit');
    if ((this.sourceCounts[source] ?? 0) >= limits.seriesPerSource) return refused('series-limit-of-source');
    const ref = this.count;
    this.count = ref + 1;
    const [at, length] = bytes === batch.bytes ? [from, to - from] : [0, bytes.length];
    const key = this.addKey(view, at, length, ref);
    if (ref >= this.seriesKey.length) {
      this.seriesKey = grown(this.seriesKey, new Int32Array(ref * 2));
      this.sourceOf = grown(this.sourceOf, new Uint16Array(ref * 2));
    }
    this.seriesKey[ref] = key;
    this.sourceOf[ref] = source;
    this.sourceCounts[source] = (this.sourceCounts[source] ?? 0) + 1;
    this.index.add(ref, reader, view);
    return { key, ref };
  }

  /** Remembers another spelling of a known label set; when there are too many of them it is found the slow way each time. */
  private alias(batch: LabelRanges, s: number, known: number): { readonly key: number; readonly ref: number } {
    const from = batch.labelsFrom[s] ?? 0;
    const length = (batch.labelsTo[s] ?? 0) - from;
    const ref = this.keySeries[known] ?? 0;
    if (this.aliases > this.count + 1024 || length > KEY_LIMIT_BYTES) return { key: known, ref };
    this.aliases += 1;
    const view = new DataView(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
    return { key: this.addKey(view, from, length, ref), ref };
  }

  private addKey(view: DataView, at: number, length: number, ref: number): number {
    const key = this.keys.add(view, at, length);
    if (key >= this.keySeries.length) {
      this.nextKey = grown(this.nextKey, new Int32Array(key * 2).fill(UNKNOWN));
      this.keySeries = grown(this.keySeries, new Int32Array(key * 2));
    }
    this.keySeries[key] = ref;
    return key;
  }

  private sourceIndex(source: string): number {
    const known = this.sources.get(source);
    if (known !== undefined) return known;
    const index = Math.min(this.sources.size, SOURCES_LIMIT);
    if (index < SOURCES_LIMIT) {
      this.sources.set(source, index);
      this.sourceNames[index] = source;
    }
    return index;
  }
}

const LABEL_CACHE_LIMIT = 200_000;
/** No label set is longer than this, whatever the limits say. */
const KEY_LIMIT_BYTES = 65_536;
/** Sources beyond this many share one allowance. */
const SOURCES_LIMIT = 65_535;

function whyRefused(labels: LabelReader, limits: SeriesLimits): Refusal | null {
  if (labels.count > limits.labels) return 'too-many-labels';
  let named = false;
  for (let i = 0; i < labels.count; i += 1) {
    if (labels.nameSize(i) > limits.nameBytes) return 'label-name-too-long';
    if (labels.valueSize(i) > limits.valueBytes) return 'label-value-too-long';
    if (isMetricName(labels, i)) named = true;
  }
  return named ? null : 'metric-name-missing';
}

const METRIC_NAME = [95, 95, 110, 97, 109, 101, 95, 95];

function isMetricName(labels: LabelReader, i: number): boolean {
  const from = labels.nameFrom[i] ?? 0;
  return labels.nameSize(i) === METRIC_NAME.length && METRIC_NAME.every((byte, k) => labels.bytes[from + k] === byte);
}

function refused(reason: Refusal): { readonly key: number; readonly ref: number } {
  return { key: UNKNOWN, ref: -1 - REFUSALS.indexOf(reason) };
}
