import { recordOf, SAMPLE_TAIL } from '../wire/sample-record.ts';

/** A place in bytes. */
export type Range = readonly [from: number, to: number];

/** What a line is: a series that is stored, one that relabelling drops, or something said of a family. */
export type LineKind = 'kept' | 'dropped' | 'said';

const FIRST = 64;
const NONE = -1;
/** Bits of a line. */
const DROPPED = 1;
const SAID = 2;
const FREE = 4;
const LIVE = 8;
const NEXT = 16;
const NO_BYTES = new Uint8Array(0);

/**
 * The lines of a target that were there before, by their bytes, numbered from 0. No text and no object is kept of a line, and those that
 * come in the order of last time are found without a search: only their bytes are compared.
 */
export class KnownLines {
  /** Lines that have a number, forgotten ones among them. */
  count = 0;
  /** The texts of the lines, one after the other. */
  private texts: Uint8Array = new Uint8Array(FIRST * 64);
  private textsView = new DataView(this.texts.buffer);
  private textEnd: Int32Array = new Int32Array(FIRST);
  /** Samples as a write body has them, one after the other: those of lines that follow each other are copied as one. */
  records: Uint8Array = new Uint8Array(FIRST * 128);
  recordsView = new DataView(this.records.buffer);
  private recordEnd: Int32Array = new Int32Array(FIRST);
  private labelsLength: Int32Array = new Int32Array(FIRST);
  private groups: Int32Array = new Int32Array(FIRST);
  private hashes: Int32Array = new Int32Array(FIRST);
  private bits: Uint8Array = new Uint8Array(FIRST);
  /** The line that followed last time. */
  private after: Int32Array = new Int32Array(FIRST);
  /** The scrape in which a line was seen last. */
  private seen: Uint32Array = new Uint32Array(FIRST);
  private slots: Int32Array = new Int32Array(FIRST * 2).fill(NONE);
  private free = 0;
  private expected = NONE;
  private view: DataView = new DataView(NO_BYTES.buffer);
  private last = NONE;
  private first = NONE;

  /** From here on the lines of a scrape come, out of these bytes. */
  begin(bytes: Uint8Array): void {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.expect(this.first);
    this.last = NONE;
  }

  /** Where the text of the line ends that is expected at this place; -1 when another one stands there. */
  match(at: number): number {
    const { view, textsView, expected } = this;
    if (expected < 0) return -1;
    const from = this.textStart(expected);
    const length = (this.textEnd[expected] ?? 0) - from;
    if (at + length > view.byteLength) return -1;
    let i = 0;
    for (; i + 8 <= length; i += 8) if (textsView.getBigInt64(from + i) !== view.getBigInt64(at + i)) return -1;
    for (; i < length; i += 1) if (textsView.getUint8(from + i) !== view.getUint8(at + i)) return -1;
    return at + length;
  }

  /** The expected line did come; its number. */
  takeExpected(): number {
    const id = this.expected;
    this.moveTo(id);
    return id;
  }

  /** The number of a line that came out of turn; -1: it is not known. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashOf(bytes, from, to);
    const { slots, hashes } = this;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[slot] ?? NONE;
      if (id < 0) return NONE;
      if (hashes[id] !== hash || (this.bitsOf(id) & FREE) !== 0 || !this.holds(id, bytes, from, to)) continue;
      this.moveTo(id);
      return id;
    }
  }

  /** Adds a line that is not known; `labels` are the label bytes of what is kept. */
  add(kind: LineKind, bytes: Uint8Array, [from, to]: Range, labels: Uint8Array | null): number {
    if (this.count === this.textEnd.length) this.grow();
    const id = this.count;
    this.count = id + 1;
    const start = this.textStart(id);
    this.reserveText(start + to - from);
    this.texts.set(bytes.subarray(from, to), start);
    this.textEnd[id] = start + to - from;
    const record = this.recordStart(id);
    const made = labels === null ? NO_BYTES : recordOf(labels);
    this.reserveRecord(record + made.length);
    this.records.set(made, record);
    this.recordEnd[id] = record + made.length;
    this.labelsLength[id] = labels?.length ?? 0;
    this.hashes[id] = hashOf(bytes, from, to);
    this.bits[id] = kind === 'kept' ? 0 : kind === 'dropped' ? DROPPED : SAID;
    this.seen[id] = 0;
    this.groups[id] = 0;
    this.after[id] = this.expected;
    this.place(id);
    this.moveTo(id);
    return id;
  }

  /** Where the record of a line begins and ends. */
  recordStart(id: number): number {
    return id === 0 ? 0 : (this.recordEnd[id - 1] ?? 0);
  }

  recordStop(id: number): number {
    return this.recordEnd[id] ?? 0;
  }

  /** The label bytes of a line that is kept, in `records`. */
  labels(id: number): Range {
    const to = this.recordStop(id) - SAMPLE_TAIL;
    return [to - (this.labelsLength[id] ?? 0), to];
  }

  /** The bytes of a line's text; a view. */
  text(id: number): Uint8Array {
    return this.texts.subarray(this.textStart(id), this.textEnd[id]);
  }

  kind(id: number): LineKind | 'forgotten' {
    const bits = this.bitsOf(id);
    return (bits & FREE) !== 0 ? 'forgotten' : (bits & SAID) !== 0 ? 'said' : (bits & DROPPED) !== 0 ? 'dropped' : 'kept';
  }

  isKept(id: number): boolean {
    return (this.bitsOf(id) & (FREE | SAID | DROPPED)) === 0;
  }

  /** With which series it started (`StartGroups`), negative where it says when; 0: nothing says when it started. */
  group(id: number): number {
    return this.groups[id] ?? 0;
  }

  setGroup(id: number, group: number): void {
    this.groups[id] = group;
  }

  seenIn(id: number): number {
    return this.seen[id] ?? 0;
  }

  see(id: number, scrape: number): void {
    this.seen[id] = scrape;
  }

  /** A line's last sample is in force until it is written stale. */
  isLive(id: number): boolean {
    return (this.bitsOf(id) & LIVE) !== 0;
  }

  /** It was written stale. */
  end(id: number): void {
    this.bits[id] = this.bitsOf(id) & ~LIVE;
  }

  /** The answer was good: what it said will be in force is. */
  settle(id: number): void {
    const bits = this.bitsOf(id);
    this.bits[id] = (bits & NEXT) === 0 ? bits & ~LIVE : bits | LIVE;
  }

  /** Will its sample be in force, if the answer that is being read is good? */
  setLiveNext(id: number, isNext: boolean): void {
    this.bits[id] = isNext ? this.bitsOf(id) | NEXT : this.bitsOf(id) & ~NEXT;
  }

  forget(id: number): void {
    if ((this.bitsOf(id) & FREE) !== 0) return;
    this.bits[id] = FREE;
    this.free += 1;
  }

  /** More is forgotten than known. */
  get isWasteful(): boolean {
    return this.free > FIRST && this.free * 2 > this.count;
  }

  /** The same lines without those that are forgotten, numbered in the order in which they come. */
  compacted(): { readonly lines: KnownLines; readonly numbers: ReadonlyMap<number, number> } {
    const lines = new KnownLines();
    const numbers = new Map<number, number>();
    const copy = (id: number): void => {
      const kind = this.kind(id);
      if (kind === 'forgotten' || numbers.has(id)) return;
      const labels = kind === 'kept' ? this.records.subarray(...this.labels(id)) : null;
      const made = lines.add(kind, this.texts, [this.textStart(id), this.textEnd[id] ?? 0], labels);
      lines.seen[made] = this.seenIn(id);
      lines.bits[made] = this.bitsOf(id);
      lines.groups[made] = this.group(id);
      numbers.set(id, made);
    };
    let steps = 0;
    for (let id = this.first; id >= 0 && steps < this.count; id = this.after[id] ?? NONE, steps += 1) copy(id);
    for (let id = 0; id < this.count; id += 1) copy(id);
    return { lines, numbers };
  }

  private moveTo(id: number): void {
    if (this.last < 0) this.first = id;
    else this.after[this.last] = id;
    this.last = id;
    this.expect(this.after[id] ?? NONE);
  }

  private expect(id: number): void {
    this.expected = id >= 0 && (this.bitsOf(id) & FREE) !== 0 ? NONE : id;
  }

  private bitsOf(id: number): number {
    return this.bits[id] ?? 0;
  }

  private textStart(id: number): number {
    return id === 0 ? 0 : (this.textEnd[id - 1] ?? 0);
  }

  private holds(id: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.textStart(id);
    if ((this.textEnd[id] ?? 0) - start !== to - from) return false;
    const { texts } = this;
    for (let i = from; i < to; i += 1) if (texts[start + i - from] !== bytes[i]) return false;
    return true;
  }

  private place(id: number): void {
    const mask = this.slots.length - 1;
    let slot = (this.hashes[id] ?? 0) & mask;
    while ((this.slots[slot] ?? NONE) >= 0) slot = (slot + 1) & mask;
    this.slots[slot] = id;
  }

  private grow(): void {
    const size = this.textEnd.length * 2;
    this.textEnd = grown(new Int32Array(size), this.textEnd);
    this.recordEnd = grown(new Int32Array(size), this.recordEnd);
    this.labelsLength = grown(new Int32Array(size), this.labelsLength);
    this.groups = grown(new Int32Array(size), this.groups);
    this.hashes = grown(new Int32Array(size), this.hashes);
    this.bits = grown(new Uint8Array(size), this.bits);
    this.after = grown(new Int32Array(size), this.after);
    this.seen = grown(new Uint32Array(size), this.seen);
    this.slots = new Int32Array(size * 2).fill(NONE);
    for (let id = 0; id < this.count; id += 1) this.place(id);
  }

  private reserveText(to: number): void {
    if (to <= this.texts.length) return;
    this.texts = grown(new Uint8Array(Math.max(to, this.texts.length * 2)), this.texts);
    this.textsView = new DataView(this.texts.buffer);
  }

  private reserveRecord(to: number): void {
    if (to <= this.records.length) return;
    this.records = grown(new Uint8Array(Math.max(to, this.records.length * 2)), this.records);
    this.recordsView = new DataView(this.records.buffer);
  }
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  for (let i = from; i < to; i += 1) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

function grown<T extends Uint8Array | Int32Array | Uint32Array>(to: T, from: T): T {
  to.set(from);
  return to;
}
