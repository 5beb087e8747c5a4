import type { Millis } from '../base/time.ts';
import { HOUR, MINUTE } from '../base/time.ts';
import { decodeHistogram } from '../wire/prompb-histogram.ts';
import type { WriteBatch } from '../wire/write-batch.ts';
import { type Columns, STALE } from './columns.ts';
import { Exemplars } from './exemplars.ts';
import { DecodedChunks } from './decoded-chunks.ts';
import { Memtable } from './memtable.ts';
import { MemtablePages } from './memtable-pages.ts';
import { MetricCatalogue } from './metric-catalogue.ts';
import type { Appended } from './sample-pool.ts';
import { REFUSALS, type Refusal, Refusals } from './refusal.ts';
import { DEFAULT_LIMITS, type LabelRanges, type SeriesLimits, SeriesTable } from './series-table.ts';
import { grown } from '../wire/grown.ts';

/** Something that knows of series that they had samples between two moments. */
export interface SeriesHolder {
  readonly minTime: Millis;
  readonly maxTime: Millis;
  /** Does the series have a sample here? */
  has(ref: number): boolean;
}

/** Something that holds samples of some series: a memtable, a block file. */
export interface SamplePart extends SeriesHolder {
  /** Appends the series' samples between the times, perhaps some outside, in the order of time unless samples came late. */
  read(ref: number, from: Millis, to: Millis, out: Columns): void;
}

/** Which samples are taken. */
export interface HeadRules {
  readonly limits: SeriesLimits;
  /** How much older than the newest of its series a sample may be. */
  readonly lateWindow: Millis;
  /** How far ahead of the clock a sample may be. */
  readonly futureWindow: Millis;
  /** How far behind the clock a sample may be: what is older would be deleted at once. */
  readonly retention: Millis;
}

/** One hour late, ten minutes early. */
export const DEFAULT_RULES: HeadRules = {
  limits: DEFAULT_LIMITS,
  lateWindow: HOUR,
  futureWindow: 10 * MINUTE,
  retention: Number.POSITIVE_INFINITY,
};

/** What one request brought. */
export interface Applied {
  /** Samples that are stored now, those that were there already among them; histograms are counted beside them. */
  readonly samples: number;
  /** Absent: none, as for the exemplars. */
  readonly histograms?: number;
  readonly exemplars?: number;
  /** Series that appeared. */
  readonly series: number;
}

const WATCHED = 1;

/**
 * All that is known of series in memory: their table, the newest time of each, and the memtables, the last of which takes samples. Block
 * files are further parts, older than the memtables.
 */
export class Head {
  readonly table: SeriesTable;
  readonly refused = new Refusals();
  /** Chunks of block files that are read again and again. */
  readonly decoded = new DecodedChunks();
  readonly exemplars: Exemplars;
  readonly catalogue = new MetricCatalogue();
  /** The series that were touched since the list was last emptied, of those that are watched; its first `touchedCount` numbers. */
  touched: Int32Array = new Int32Array(256);
  touchedCount = 0;
  /** Called when series appeared, before their samples are stored. */
  onNewSeries: (() => void) | null = null;
  samples = 0;
  duplicates = 0;
  late = 0;
  /** May there be series whose samples were all taken away? */
  hasSilent = false;
  private readonly spare = new MemtablePages();
  private memtables: readonly Memtable[] = [new Memtable(this.spare)];
  private blocks: readonly SamplePart[] = [];
  private coarse: readonly SeriesHolder[] = [];
  private refs: Int32Array = new Int32Array(1024);
  private newest: Float64Array = new Float64Array(1024).fill(Number.NEGATIVE_INFINITY);
  private flags: Uint8Array = new Uint8Array(1024);

  constructor(seed: number, exemplarLimit?: number) {
    this.table = new SeriesTable(seed);
    this.exemplars = new Exemplars(exemplarLimit);
  }

  /** Stores what the rules allow of a request; what they refuse is counted in `refusals` (and in `refused` for good). */
  apply(
    batch: WriteBatch,
    request: { readonly source: string; readonly at: Millis; readonly rules: HeadRules },
    refusals: Refusals,
  ): Applied {
    const before = this.table.count;
    this.resolve(batch, request.source, request.rules.limits);
    if (this.table.count > before) this.onNewSeries?.();
    const samples = this.append(batch, request.at, request.rules, refusals);
    const histograms = batch.histograms.count > 0 ? this.appendHistograms(batch, request.at, request.rules, refusals) : 0;
    const exemplars = batch.exemplars.count > 0 ? this.exemplars.take(batch, this.refs) : 0;
    if (batch.metadata.count > 0) this.catalogue.take(batch, this.refs, this.table);
    this.samples += samples + histograms;
    return { samples, series: this.table.count - before, ...(histograms > 0 && { histograms }), ...(exemplars > 0 && { exemplars }) };
  }

  /** Numbers the series `from` to `to` of a batch ahead of `apply`, so that many new ones need not all come at once. */
  grow(
    batch: WriteBatch,
    [from, to]: readonly [number, number],
    { source, limits }: { readonly source: string; readonly limits: SeriesLimits },
  ): void {
    const { bytes, labelsFrom, labelsTo } = batch;
    const before = this.table.count;
    this.resolve(
      { bytes, labelsFrom: labelsFrom.subarray(from, to), labelsTo: labelsTo.subarray(from, to), series: to - from },
      source,
      limits,
    );
    if (this.table.count > before) this.onNewSeries?.();
  }

  /** Numbers the series of a batch without storing its samples: `refs` afterwards, valid until the next call. */
  resolve(batch: LabelRanges, source: string, limits: SeriesLimits): Int32Array {
    if (this.refs.length < batch.series) this.refs = new Int32Array(batch.series * 2);
    this.table.resolve(batch, this.refs, source, limits);
    const { count } = this.table;
    if (count > this.newest.length) {
      const room = Math.max(count, this.newest.length * 2);
      this.newest = grown(this.newest, new Float64Array(room).fill(Number.NEGATIVE_INFINITY));
      this.flags = grown(this.flags, new Uint8Array(room));
    }
    this.active.reserve(count);
    return this.refs;
  }

  /** Says that a block file holds samples of the series up to this time. */
  noteNewest(ref: number, time: Millis): void {
    if (time > (this.newest[ref] ?? Number.NEGATIVE_INFINITY)) this.newest[ref] = time;
  }

  /** Takes samples in memory away; what block files hold is their own affair. */
  remove(ref: number, from: Millis, to: Millis): void {
    for (const memtable of this.memtables) memtable.remove(ref, from, to);
    this.exemplars.remove(ref, from, to);
  }

  /** The time of the newest sample of a series; -infinity when there is none. */
  newestOf(ref: number): Millis {
    return this.newest[ref] ?? Number.NEGATIVE_INFINITY;
  }

  /** After samples were taken away: the newest one that may be left, in memory or (as the caller says) in block files. */
  settleNewest(ref: number, inBlocks: Millis): void {
    if (ref >= this.newest.length) return;
    const left = this.memtables.reduce((newest, memtable) => Math.max(newest, memtable.newestOf(ref)), inBlocks);
    this.newest[ref] = Math.min(left, this.newestOf(ref));
    this.hasSilent = true;
  }

  /** How many series have no sample at or after the time. */
  countSilentSince(time: Millis): number {
    let silent = 0;
    for (let ref = 0; ref < this.table.count; ref += 1) if ((this.newest[ref] ?? Number.NEGATIVE_INFINITY) < time) silent += 1;
    return silent;
  }

  /** From now on touches of the series are listed, or no longer. */
  watch(ref: number, watched: 'watched' | 'unwatched'): void {
    const flags = this.flags[ref] ?? 0;
    this.flags[ref] = watched === 'watched' ? flags | WATCHED : flags & ~WATCHED;
  }

  /** The block files, oldest first. */
  useBlocks(blocks: readonly SamplePart[]): void {
    this.blocks = blocks;
  }

  /** The files of the coarser tiers. */
  useTiers(coarse: readonly SeriesHolder[]): void {
    this.coarse = coarse;
  }

  /** Everything that knows when series had samples. */
  get holders(): readonly SeriesHolder[] {
    return this.coarse.length === 0 ? this.parts : [...this.coarse, ...this.parts];
  }

  /** The memtable that takes samples. */
  get active(): Memtable {
    return this.memtables[this.memtables.length - 1] as Memtable;
  }

  /** Begins a new memtable; the one so far gets no more samples and can be written out. */
  freeze(): Memtable {
    const frozen = this.active;
    const fresh = new Memtable(this.spare);
    fresh.reserve(this.table.count);
    this.memtables = [...this.memtables, fresh];
    return frozen;
  }

  /** Forgets a memtable that is in a block file now; who began to read it may go on until it is released. */
  drop(frozen: Memtable): void {
    this.memtables = this.memtables.filter((one) => one !== frozen);
  }

  /** Everything that holds samples, what was stored first at the front. */
  get parts(): readonly SamplePart[] {
    return [...this.blocks, ...this.memtables];
  }

  /** The memtables: their samples are in no block file yet. */
  get unwritten(): readonly SamplePart[] {
    return this.memtables;
  }

  /** Chunks in memory, those that still take samples among them. */
  get chunks(): number {
    return this.memtables.reduce((sum, one) => sum + one.chunks + one.openChunks, 0);
  }

  /** What tables and memtables occupy, about. */
  get memoryBytes(): number {
    return this.memtables.reduce(
      (sum, one) => sum + one.memoryBytes,
      this.table.memoryBytes + this.newest.byteLength + this.flags.length + this.decoded.bytes + this.spare.memoryBytes,
    );
  }

  private append(batch: WriteBatch, at: Millis, rules: HeadRules, refusals: Refusals): number {
    const { series, samplesTo, times, starts } = batch;
    const { refs, newest, active } = this;
    const hasStarts = starts !== null || active.hasStarts;
    const latest = at + rules.futureWindow;
    const oldest = at - rules.retention;
    let stored = 0;
    let next = 0;
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    let from = 0;
    for (let s = 0; s < series; s += 1) {
      const ref = refs[s] ?? -1;
      const to = samplesTo[s] ?? 0;
      if (ref < 0) {
        this.refuse(refusals, REFUSALS[-1 - ref] ?? 'labels-malformed', to - from);
        from = to;
        continue;
      }
      for (let i = from; i < to; i += 1) {
        const time = times[i] ?? 0;
        // Nearly all samples are the next ones of their series.
        if (!hasStarts && time <= latest && time >= oldest && time > (newest[ref] ?? 0) && active.appendNext(ref, batch, i)) {
          newest[ref] = time;
          next += 1;
          if (time < first) first = time;
          if (time > last) last = time;
        } else if (time > latest) this.refuse(refusals, 'sample-in-the-future', 1);
        else if (time < oldest || time < (newest[ref] ?? 0) - rules.lateWindow) this.refuse(refusals, 'sample-too-old', 1);
        else if (this.appendAny(batch, ref, i)) stored += 1;
        else this.refuse(refusals, 'sample-contradicts-another', 1);
      }
      if (((this.flags[ref] ?? 0) & WATCHED) !== 0 && to > from) this.touch(ref);
      from = to;
    }
    if (next > 0) active.noteNext(next, first, last);
    return stored + next;
  }

  /** Stores a sample wherever it stands among those of its series; false when it says otherwise than the one that is there. */
  private appendAny({ times, values, stale, starts }: WriteBatch, ref: number, i: number): boolean {
    const { active, newest } = this;
    const time = times[i] ?? 0;
    const isLast = time > (newest[ref] ?? Number.NEGATIVE_INFINITY);
    const outcome = active.append(ref, time, values[i] ?? 0, stale[i] ?? 0);
    if ((starts !== null || active.hasStarts) && (outcome === 'new' || outcome === 'late'))
      active.started(ref, time, starts?.[i] ?? 0, isLast);
    if (isLast) newest[ref] = time;
    if (outcome === 'same') this.duplicates += 1;
    else if (outcome === 'late') this.late += 1;
    return outcome !== 'contradicts';
  }

  private appendHistograms(batch: WriteBatch, at: Millis, rules: HeadRules, refusals: Refusals): number {
    const { count, series } = batch.histograms;
    let stored = 0;
    for (let i = 0; i < count; i += 1) {
      const ref = this.refs[series[i] ?? -1] ?? -1;
      const outcome = ref < 0 ? (REFUSALS[-1 - ref] ?? 'labels-malformed') : this.appendHistogram(batch, i, { ref, at, rules });
      if (outcome === 'contradicts') this.refuse(refusals, 'sample-contradicts-another', 1);
      else if (outcome !== 'new' && outcome !== 'late' && outcome !== 'same') this.refuse(refusals, outcome, 1);
      else {
        stored += 1;
        if (outcome === 'same') this.duplicates += 1;
        else if (outcome === 'late') this.late += 1;
        if (((this.flags[ref] ?? 0) & WATCHED) !== 0) this.touch(ref);
      }
    }
    return stored;
  }

  private appendHistogram(
    { body, histograms, created }: WriteBatch,
    index: number,
    { ref, at, rules }: { readonly ref: number; readonly at: Millis; readonly rules: HeadRules },
  ): Appended | Refusal {
    const { active } = this;
    const sample = decodeHistogram(body, histograms.from[index] ?? 0, histograms.to[index] ?? 0);
    if (typeof sample === 'string') return sample;
    const { time, value } = sample;
    const last = this.newest[ref] ?? Number.NEGATIVE_INFINITY;
    if (time > at + rules.futureWindow) return 'sample-in-the-future';
    if (time < at - rules.retention || time < last - rules.lateWindow) return 'sample-too-old';
    const outcome = value === 'stale' ? active.append(ref, time, 0, STALE) : active.appendHistogram(ref, time, value);
    const start = sample.start === 0 ? (created.get(histograms.series[index] ?? -1) ?? 0) : sample.start;
    if ((outcome === 'new' || outcome === 'late') && (start !== 0 || active.hasStarts)) active.started(ref, time, start, time > last);
    if (time > last) this.newest[ref] = time;
    return outcome;
  }

  private refuse(refusals: Refusals, reason: (typeof REFUSALS)[number], samples: number): void {
    refusals.add(reason, samples);
    this.refused.add(reason, samples);
  }

  private touch(ref: number): void {
    if (this.touchedCount === this.touched.length) this.touched = grown(this.touched, new Int32Array(this.touchedCount * 2));
    this.touched[this.touchedCount++] = ref;
  }
}
