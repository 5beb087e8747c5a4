import type { Histogram } from '../promql/histogram.ts';
import { ChunkDecoder, ChunkEncoder, CHUNK_PADDING_BYTES } from './chunk.ts';
import { ChunkNotes, NOTES_PAGE_BYTES } from './chunk-notes.ts';
import { Columns, HISTOGRAM } from './columns.ts';
import { type BytesPage, CHUNK_PAGE_BYTES, MemtablePages, newBytesPage } from './memtable-pages.ts';
import { OpenHistograms } from './open-histograms.ts';
import { OpenStarts } from './open-starts.ts';
import { ByteSink } from './packed-ints.ts';
import { type Appended, SamplePool } from './sample-pool.ts';
import { grown } from '../wire/grown.ts';

const NONE = -1;
/** A later sample than this after the first does not fit the time column of an open chunk. */
const SPAN_LIMIT = 2 ** 31 - 1;

/**
 * The samples that are not in a block file yet: per series an open chunk of plain columns and, once it is full, sealed compressed ones.
 * The chunks of a series may overlap in time when samples came late; readers sort. A memtable is filled, frozen, written out and dropped.
 */
export class Memtable {
  samples = 0;
  minTime: number = Number.POSITIVE_INFINITY;
  maxTime: number = Number.NEGATIVE_INFINITY;
  private readonly pool: SamplePool;
  private readonly spare: MemtablePages;
  private readonly encoder = new ChunkEncoder();
  private readonly decoder = new ChunkDecoder();
  private readonly scratch = new Columns(64);
  private readonly remaining = new Columns(64);
  private readonly sink = new ByteSink();
  private slab: Int32Array = new Int32Array(0);
  private newest: Int32Array = new Int32Array(0);
  private readonly histograms = new OpenHistograms();
  private readonly starts = new OpenStarts();
  private pages: BytesPage[] = [];
  private used = CHUNK_PAGE_BYTES;
  private readonly notes: ChunkNotes;

  constructor(spare: MemtablePages = new MemtablePages()) {
    this.spare = spare;
    this.pool = new SamplePool(spare.small, spare.large);
    this.notes = new ChunkNotes(() => spare.notes.take());
  }

  /** Sealed chunks. */
  get chunks(): number {
    return this.notes.count;
  }

  /** Gives the memory back that the next memtable can use. Nobody may read or append from now on. */
  release(): void {
    this.pool.release();
    this.spare.bytes.give(this.pages.filter(({ bytes }) => bytes.length === CHUNK_PAGE_BYTES));
    this.spare.notes.give(this.notes.pages);
    this.pages = [];
  }

  /** Series below this number can be appended to. */
  reserve(series: number): void {
    const have = this.slab.length;
    if (series <= have) return;
    const room = Math.max(series, have * 2, 1024);
    this.slab = grown(this.slab, new Int32Array(room).fill(NONE));
    this.newest = grown(this.newest, new Int32Array(room).fill(NONE));
  }

  /** Adds one sample. */
  append(ref: number, time: number, value: number, stale: number): Appended {
    let slab = this.slab[ref] ?? NONE;
    if (slab >= 0 && this.pool.needsRoom(slab, time, SPAN_LIMIT)) slab = this.makeRoom(ref, slab, time);
    if (slab < 0) {
      slab = this.pool.open(time);
      this.slab[ref] = slab;
    }
    const outcome = this.pool.add(slab, time, value, stale);
    if (outcome === 'new' || outcome === 'late') {
      this.samples += 1;
      if (time > this.maxTime) this.maxTime = time;
      if (time < this.minTime) this.minTime = time;
    }
    return outcome;
  }

  /** Adds sample `i` of the columns, which is younger than all of its series; false, and nothing is added, where `append` has to make room. */
  appendNext(ref: number, columns: Pick<Columns, 'times' | 'values' | 'stale'>, i: number): boolean {
    const slab = this.slab[ref] ?? NONE;
    return slab >= 0 && this.pool.addNext(slab, columns, i, SPAN_LIMIT);
  }

  /** Counts what `appendNext` took. */
  noteNext(samples: number, first: number, last: number): void {
    this.samples += samples;
    if (last > this.maxTime) this.maxTime = last;
    if (first < this.minTime) this.minTime = first;
  }

  /** Adds one sample that is a native histogram. */
  appendHistogram(ref: number, time: number, histogram: Histogram): Appended {
    // Few at a time: a histogram is much larger than a number as long as it is not encoded.
    if (this.histograms.isFull(ref)) this.sealOpen(ref);
    const slab = this.slab[ref] ?? NONE;
    if (slab >= 0 && this.pool.lastKind(slab) !== HISTOGRAM) this.histograms.interrupt(ref);
    const outcome = this.append(ref, time, histogram.sum, HISTOGRAM);
    if (outcome === 'new' || outcome === 'late') this.histograms.add(ref, time, histogram);
    else if (outcome === 'same' && !this.histograms.has(ref, time, histogram)) return 'contradicts';
    return outcome;
  }

  /** Are start times known here of any series? From then on `started` wants to know of every sample. */
  get hasStarts(): boolean {
    return this.starts.isUsed;
  }

  /** Notes when the counter of a sample that was just added started, 0 = not known; `isLast`: the series has none after it. */
  started(ref: number, time: number, start: number, isLast: boolean): void {
    const slab = this.slab[ref] ?? NONE;
    this.starts.note(ref, { time, start, isLast, isOnly: slab >= 0 && this.pool.count(slab) === 1 });
  }

  /** Chunks that still take samples. */
  get openChunks(): number {
    let count = 0;
    for (const slab of this.slab) if (slab >= 0) count += 1;
    return count;
  }

  /** Does the series have a sample here? */
  has(ref: number): boolean {
    return (this.slab[ref] ?? NONE) >= 0 || (this.newest[ref] ?? NONE) >= 0;
  }

  /** Appends the samples of a series between the times, in no particular order, some outside them too. */
  read(ref: number, from: number, to: number, out: Columns): void {
    if (from > this.maxTime || to < this.minTime) return;
    const sealed: number[] = [];
    for (let chunk = this.newest[ref] ?? NONE; chunk >= 0; chunk = this.notes.before(chunk)) {
      if (this.notes.overlaps(chunk, from, to)) sealed.push(chunk);
    }
    for (let i = sealed.length - 1; i >= 0; i -= 1) this.decode(sealed[i] ?? 0, out);
    const slab = this.slab[ref] ?? NONE;
    if (slab >= 0) this.readOpen(ref, { from, to }, out);
  }

  /** Takes the samples of a series away that are between the times. */
  remove(ref: number, from: number, to: number): void {
    if (!this.has(ref) || from > this.maxTime || to < this.minTime) return;
    const { remaining } = this;
    remaining.clear();
    this.read(ref, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, remaining);
    const had = remaining.size;
    if (remaining.cut(0, from, to) === 0) return;
    const slab = this.slab[ref] ?? NONE;
    if (slab >= 0) this.pool.close(slab);
    this.histograms.seal(ref);
    this.histograms.interrupt(ref);
    this.starts.seal(ref);
    this.slab[ref] = NONE;
    this.newest[ref] = NONE;
    this.samples -= had;
    remaining.sort();
    for (let i = 0; i < remaining.size; i += 1) this.appendAgain(ref, remaining, i);
  }

  private appendAgain(ref: number, from: Columns, index: number): void {
    const time = from.times[index] ?? 0;
    const histogram = from.histogramAt(index);
    if (histogram === null) this.append(ref, time, from.values[index] ?? 0, from.stale[index] ?? 0);
    else this.appendHistogram(ref, time, histogram);
    if (from.starts !== null || this.hasStarts) this.started(ref, time, from.starts?.[index] ?? 0, true);
  }

  /** The time of the newest sample of a series; -infinity when there is none. */
  newestOf(ref: number): number {
    const { remaining } = this;
    remaining.clear();
    this.read(ref, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, remaining);
    let newest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < remaining.size; i += 1) newest = Math.max(newest, remaining.times[i] ?? newest);
    return newest;
  }

  /** What it occupies. */
  get memoryBytes(): number {
    return (
      this.pool.memoryBytes +
      this.pages.length * CHUNK_PAGE_BYTES +
      this.notes.pages.length * NOTES_PAGE_BYTES +
      this.slab.length * 8 +
      this.histograms.memoryBytes +
      this.starts.memoryBytes
    );
  }

  /** The samples of an open chunk, with what is known of them besides. */
  private readOpen(ref: number, { from, to }: { readonly from: number; readonly to: number }, out: Columns): void {
    const at = out.size;
    this.pool.read(this.slab[ref] ?? NONE, from, to, out);
    this.histograms.fill(ref, at, out);
    this.starts.fill(ref, at, out);
  }

  private decode(chunk: number, out: Columns): void {
    const at = this.notes.at(chunk);
    const page = this.pages[Math.floor(at / CHUNK_PAGE_BYTES)];
    if (page === undefined) return;
    const from = at % CHUNK_PAGE_BYTES;
    this.decoder.decode(page.bytes, page.view, { from, to: from + this.notes.size(chunk) }, out);
  }

  private makeRoom(ref: number, slab: number, time: number): number {
    if (!this.pool.isFull(slab) && this.pool.spans(slab, time, SPAN_LIMIT)) {
      const larger = this.pool.enlarge(slab);
      this.slab[ref] = larger;
      return larger;
    }
    this.sealOpen(ref);
    return NONE;
  }

  private sealOpen(ref: number): void {
    const slab = this.slab[ref] ?? NONE;
    if (slab >= 0) this.seal(ref, slab);
    this.slab[ref] = NONE;
  }

  private seal(ref: number, slab: number): void {
    const { scratch, sink } = this;
    scratch.clear();
    this.readOpen(ref, { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }, scratch);
    this.pool.close(slab);
    this.histograms.seal(ref);
    if (scratch.stale[scratch.size - 1] !== HISTOGRAM) this.histograms.interrupt(ref);
    this.starts.seal(ref);
    sink.at = 0;
    this.encoder.encode(scratch, 0, scratch.size, sink);
    const size = sink.at;
    if (this.used + size + CHUNK_PADDING_BYTES > CHUNK_PAGE_BYTES) {
      const isLong = size + CHUNK_PADDING_BYTES > CHUNK_PAGE_BYTES;
      this.pages.push(isLong ? newBytesPage(size + CHUNK_PADDING_BYTES) : this.spare.bytes.take());
      this.used = 0;
    }
    const index = this.pages.length - 1;
    this.pages[index]?.bytes.set(sink.bytes.subarray(0, size), this.used);
    const { times } = scratch;
    const at = index * CHUNK_PAGE_BYTES + this.used;
    this.newest[ref] = this.notes.add(this.newest[ref] ?? NONE, { at, size, from: times[0] ?? 0, to: times[scratch.size - 1] ?? 0 });
    this.used += size;
  }
}
