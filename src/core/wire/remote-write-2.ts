import type { WriteBatch } from './write-batch.ts';
import { METADATA_LIMIT, REQUEST_LIMIT, WriteReader } from './write-reader.ts';

/** No label set is longer than this many bytes; one that would be is made empty, which is no label set at all. */
const LABELS_LIMIT_BYTES = 65_536;
/** A symbol can be named again and again: what all labels of a request together may become. */
const TOTAL_LIMIT_BYTES = 256 << 20;
const REFS_LIMIT = 2_048;
/** `created_timestamp` of a series, as the drafts of the protocol had it. */
const CREATED_TAG = 48;

/**
 * Walks a remote-write 2.0 `Request` (prompb/io/prometheus/write/v2/types.proto) into columns. The labels are put together from the
 * symbols as a remote-write 1.0 message spells them, so that a series is the same whichever way it comes. Null, or what is wrong; the
 * batch is then without meaning.
 */
export function decodeWriteRequest2(bytes: Uint8Array, batch: WriteBatch): string | null {
  return new Reader(bytes, batch).request();
}

const TOO_MUCH = 'remote write: too many series or samples in one request';

class Reader extends WriteReader {
  private symbolFrom: Int32Array = new Int32Array(256);
  private symbolTo: Int32Array = new Int32Array(256);
  private symbols = 0;
  private readonly refs: Int32Array = new Int32Array(REFS_LIMIT);
  private refCount = 0;
  private labels: Uint8Array = new Uint8Array(0);
  private used = 0;
  /** From and to of the exemplars of the series that is being read. */
  private readonly exemplarRanges: number[] = [];
  /** The start that the series says for all its samples; 0: none. */
  private started = 0;

  request(): string | null {
    const { bytes, batch } = this;
    const end = bytes.length;
    this.labels = new Uint8Array(Math.max(4_096, Math.min(bytes.length * 2, 1 << 20)));
    batch.begin(this.labels, bytes);
    // Symbols may stand behind the series that name them.
    if (!this.readSymbols(end)) return this.malformed();
    this.at = 0;
    while (this.at < end) {
      const tag = this.varint(end);
      if (tag === 42) {
        const to = this.length(end);
        if (!this.bad) this.series(to);
      } else this.skip(tag, end);
      if (this.bad) return this.malformed();
      if (batch.series > REQUEST_LIMIT || batch.samples > REQUEST_LIMIT || this.hasTooManySides) return TOO_MUCH;
      if (this.used > TOTAL_LIMIT_BYTES) return 'remote write: the labels of the request are too long';
    }
    batch.bytes = this.labels;
    return null;
  }

  private malformed(): string {
    return `remote write: malformed message near byte ${this.at}`;
  }

  private readSymbols(end: number): boolean {
    while (this.at < end && !this.bad) {
      const tag = this.varint(end);
      if (tag !== 34) {
        this.skip(tag, end);
        continue;
      }
      const to = this.length(end);
      if (this.symbols === this.symbolFrom.length) {
        this.symbolFrom = doubled(this.symbolFrom);
        this.symbolTo = doubled(this.symbolTo);
      }
      this.symbolFrom[this.symbols] = this.at;
      this.symbolTo[this.symbols] = to;
      this.symbols += 1;
      this.at = to;
    }
    // Field 1 of the older message cannot be told from bytes that mean nothing here, so an unknown body must not pass as an empty one.
    return !this.bad && (end === 0 || this.symbols > 0);
  }

  private series(end: number): void {
    const { batch } = this;
    this.refCount = 0;
    this.started = 0;
    const first = batch.samples;
    while (this.at < end) {
      const tag = this.varint(end);
      if (tag === 10) this.packedRefs(this.length(end));
      else if (tag === 8) this.addRef(this.varint(end));
      else if (tag === 18) {
        const to = this.length(end);
        if (!this.bad) this.sample(to);
      } else this.side(tag, end);
      if (this.bad || batch.samples > REQUEST_LIMIT || batch.histograms.count > REQUEST_LIMIT) return;
    }
    if (this.at !== end) {
      this.bad = true;
      return;
    }
    if (this.started !== 0) this.startAll(first);
    const from = this.used;
    this.putLabels();
    batch.endSeries(from, this.used);
    if (this.exemplarRanges.length > 0) this.putExemplars(end);
  }

  /** The start that the series says counts for what does not say its own. */
  private startAll(first: number): void {
    const { batch, started } = this;
    batch.created.set(batch.series, started);
    for (let i = first; i < batch.samples; i += 1) if ((batch.starts?.[i] ?? 0) === 0) batch.startOf(i, started);
  }

  private metadata(end: number): void {
    const { metadata, series } = this.batch;
    if (metadata.count >= METADATA_LIMIT) {
      this.at = end;
      return;
    }
    const at = metadata.add(series, 0);
    while (this.at < end && !this.bad) {
      const tag = this.varint(end);
      if (tag === 8) metadata.words[at + 1] = this.varint(end);
      else if (tag === 24 || tag === 32) {
        const symbol = this.varint(end);
        if (symbol >= this.symbols) this.bad = true;
        else metadata.place(at + (tag === 24 ? 4 : 6), this.symbolFrom[symbol] ?? 0, this.symbolTo[symbol] ?? 0);
      } else this.skip(tag, end);
    }
    if (this.at !== end) this.bad = true;
  }

  /** Exemplars become those of 1.0 behind the labels of the series. */
  private putExemplars(end: number): void {
    for (let i = 0; i < this.exemplarRanges.length && !this.bad; i += 2) {
      this.at = this.exemplarRanges[i] ?? 0;
      this.exemplar(this.exemplarRanges[i + 1] ?? 0);
    }
    this.exemplarRanges.length = 0;
    this.at = end;
  }

  private exemplar(end: number): void {
    const { bytes } = this;
    this.refCount = 0;
    const rest: [from: number, to: number][] = [];
    while (this.at < end && !this.bad) {
      const field = this.at;
      const tag = this.varint(end);
      if (tag === 10) this.packedRefs(this.length(end));
      else if (tag === 8) this.addRef(this.varint(end));
      else {
        this.skip(tag, end);
        if (tag === 17 || tag === 24) rest.push([field, this.at]);
      }
    }
    if (this.bad || this.at !== end) {
      this.bad = true;
      return;
    }
    const from = this.used;
    this.putLabels();
    // Value and time are spelled alike in both versions; of what is said twice, the last counts.
    for (const [start, to] of rest.slice(-2)) {
      this.reserve(to - start);
      this.labels.set(bytes.subarray(start, to), this.used);
      this.used += to - start;
    }
    this.batch.exemplars.add(this.batch.series - 1, from, this.used);
  }

  /** What a series has besides labels and samples. */
  private side(tag: number, end: number): void {
    const { batch } = this;
    if (tag === 26) batch.histograms.add(batch.series, ...this.text(end));
    else if (tag === 34) {
      this.exemplarRanges.push(...this.text(end));
      if (this.exemplarRanges.length > REQUEST_LIMIT) this.bad = true;
    } else if (tag === 42) {
      const to = this.length(end);
      if (!this.bad) this.metadata(to);
    } else if (tag === CREATED_TAG) this.started = this.int64(end);
    else this.skip(tag, end);
  }

  private packedRefs(end: number): void {
    while (this.at < end && !this.bad) this.addRef(this.varint(end));
  }

  private addRef(ref: number): void {
    if (ref >= this.symbols || this.refCount === REFS_LIMIT) this.bad = true;
    else this.refs[this.refCount++] = ref;
  }

  private putLabels(): void {
    const { refs, refCount } = this;
    const from = this.used;
    if (refCount % 2 !== 0) return;
    for (let i = 0; i < refCount; i += 2) {
      const name = refs[i] ?? 0;
      const value = refs[i + 1] ?? 0;
      const size = 2 + this.fieldSize(name) + this.fieldSize(value);
      if (this.used + size + 8 - from > LABELS_LIMIT_BYTES) {
        this.used = from;
        return;
      }
      this.reserve(size + 8);
      this.labels[this.used++] = 10;
      this.putVarint(size);
      this.putField(10, name);
      this.putField(18, value);
    }
  }

  /** Length prefix and text of a symbol. */
  private fieldSize(symbol: number): number {
    const size = (this.symbolTo[symbol] ?? 0) - (this.symbolFrom[symbol] ?? 0);
    return size + (size < 0x80 ? 1 : size < 0x4000 ? 2 : size < 0x200000 ? 3 : 4);
  }

  private putField(tag: number, symbol: number): void {
    const { bytes, labels } = this;
    const from = this.symbolFrom[symbol] ?? 0;
    const size = (this.symbolTo[symbol] ?? 0) - from;
    labels[this.used++] = tag;
    this.putVarint(size);
    const at = this.used;
    for (let i = 0; i < size; i += 1) labels[at + i] = bytes[from + i] ?? 0;
    this.used = at + size;
  }

  private putVarint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.labels[this.used++] = (rest & 0x7f) | 0x80;
    this.labels[this.used++] = rest;
  }

  private reserve(more: number): void {
    if (this.used + more <= this.labels.length) return;
    const labels = new Uint8Array(Math.max(this.used + more, this.labels.length * 2));
    labels.set(this.labels);
    this.labels = labels;
  }
}

function doubled(from: Int32Array): Int32Array {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}
