import { STALE_HIGH, STALE_LOW, type WriteBatch } from './write-batch.ts';

/** The most series, and the most samples, that one request may hold: what a small hostile body can make of memory is bounded by it. */
export const REQUEST_LIMIT = 1 << 20;

/** What a request says of more metrics is left out. */
export const METADATA_LIMIT = 1 << 16;

const BAD = -1;
/** Tag and value, tag and six bytes of time. */
const USUAL_BYTES = 16;
/** Four bytes that are followed by more of their number. */
const MORE = 0x80808080 | 0;
/** `start_timestamp` of a 2.0 sample; in 1.0 the field is free, and own bodies use it as in 2.0. */
const START_TAG = 24;

/** What the bodies of both versions of remote write are read with: one pass over protobuf bytes. Past the end it sets `bad`. */
export class WriteReader {
  protected at = 0;
  protected bad = false;
  protected readonly bytes: Uint8Array;
  protected readonly batch: WriteBatch;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, batch: WriteBatch) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.batch = batch;
  }

  /** Reads a Sample message up to `end` into the batch. */
  protected sample(end: number): void {
    if (this.usualSample(end)) return;
    const { bytes, batch } = this;
    let value = 0;
    let stale = 0;
    let time = 0;
    let start = 0;
    while (this.at < end) {
      const tag = bytes[this.at] ?? 0;
      this.at += 1;
      if (tag === 9 && this.at + 8 <= end) {
        value = this.view.getFloat64(this.at, true);
        stale = value === value ? 0 : this.staleAt(this.at);
        this.at += 8;
      } else if (tag === 16) time = this.int64(end);
      else if (tag === START_TAG) start = this.int64(end);
      else {
        this.at -= 1;
        this.skip(this.varint(end), end);
      }
      if (this.bad) return;
    }
    if (this.at !== end) {
      this.bad = true;
      return;
    }
    const index = batch.samples;
    if (index === batch.times.length) batch.growSamples();
    batch.times[index] = time;
    batch.values[index] = value;
    batch.stale[index] = stale;
    if (start !== 0) batch.startOf(index, start);
    batch.samples = index + 1;
  }

  /** Reads a message that holds a value and then a time from 1971 to 2109, six bytes long, as nearly all do; false, and nothing is read, for others. */
  private usualSample(end: number): boolean {
    const { bytes, batch, view, at } = this;
    if (end - at !== USUAL_BYTES || bytes[at] !== 9 || bytes[at + 9] !== 16) return false;
    const word = view.getInt32(at + 10, true);
    const fifth = bytes[at + 14] ?? 0;
    const sixth = bytes[at + 15] ?? 0;
    if ((word & MORE) !== MORE || fifth < 0x80 || sixth >= 0x80) return false;
    const index = batch.samples;
    if (index === batch.times.length) batch.growSamples();
    const low = (word & 0x7f) | ((word >>> 1) & 0x3f80) | ((word >>> 2) & 0x1fc000) | ((word >>> 3) & 0xfe00000);
    batch.times[index] = ((fifth & 0x7f) | (sixth << 7)) * 0x10000000 + low;
    const value = view.getFloat64(at + 1, true);
    batch.values[index] = value;
    batch.stale[index] = value === value ? 0 : this.staleAt(at + 1);
    batch.samples = index + 1;
    this.at = end;
    return true;
  }

  /** Are there more histograms or exemplars in the batch than one request may hold? */
  protected get hasTooManySides(): boolean {
    return this.batch.histograms.count + this.batch.exemplars.count > REQUEST_LIMIT;
  }

  /** Where a text or message stands whose length comes next. */
  protected text(end: number): readonly [from: number, to: number] {
    const to = this.length(end);
    const from = this.at;
    this.at = to;
    return [from, to];
  }

  private staleAt(at: number): 0 | 1 {
    return this.view.getUint32(at + 4, true) === STALE_HIGH && this.view.getUint32(at, true) === STALE_LOW ? 1 : 0;
  }

  /** The end of a length-delimited field; never beyond `end`. */
  protected length(end: number): number {
    const first = this.bytes[this.at] ?? 0;
    let size = first;
    if (first < 0x80) this.at += 1;
    else size = this.varint(end);
    const to = this.at + size;
    if (to <= end) return to;
    this.bad = true;
    return this.at;
  }

  /** An unsigned number below 2^35: a tag or a length. */
  protected varint(end: number): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 5; i += 1) {
      if (this.at >= end) break;
      const byte = this.bytes[this.at] ?? 0;
      this.at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    this.bad = true;
    return BAD;
  }

  protected int64(end: number): number {
    const { bytes, at } = this;
    // Seven bytes hold every time before the year 19 000.
    let low = 0;
    let high = 0;
    for (let i = 0; i < 7 && at + i < end; i += 1) {
      const byte = bytes[at + i] ?? 0;
      if (i < 4) low |= (byte & 0x7f) << (7 * i);
      else high |= (byte & 0x7f) << (7 * (i - 4));
      if (byte < 0x80) {
        this.at = at + i + 1;
        return high * 0x10000000 + low;
      }
    }
    return this.longInt64(end);
  }

  protected longInt64(end: number): number {
    let value = 0n;
    for (let i = 0; i < 10 && this.at < end; i += 1) {
      const byte = this.bytes[this.at] ?? 0;
      this.at += 1;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    this.bad = true;
    return 0;
  }

  protected skip(tag: number, end: number): void {
    const wire = tag & 7;
    if (tag < 8) this.bad = true;
    else if (wire === 0) this.longInt64(end);
    else if (wire === 1) this.at += 8;
    else if (wire === 2) this.at = this.length(end);
    else if (wire === 5) this.at += 4;
    else this.bad = true;
    if (this.at > end) this.bad = true;
  }
}
