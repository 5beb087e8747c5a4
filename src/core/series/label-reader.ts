/** The most labels that are ever looked at in one set; a limit in use may be lower. */
const LABELS_LIMIT = 1024;

/**
 * Finds the labels in the bytes of a series (`labels` fields of a remote-write `TimeSeries`), without building strings, and writes
 * them in the canonical form: sorted by the bytes of the name, empty values left out, every length in its shortest form.
 */
export class LabelReader {
  count = 0;
  readonly nameFrom: Int32Array = new Int32Array(LABELS_LIMIT);
  readonly nameTo: Int32Array = new Int32Array(LABELS_LIMIT);
  readonly valueFrom: Int32Array = new Int32Array(LABELS_LIMIT);
  readonly valueTo: Int32Array = new Int32Array(LABELS_LIMIT);
  /** Where the content of the label message begins; it ends with the value when the form is canonical. */
  readonly bodyFrom: Int32Array = new Int32Array(LABELS_LIMIT);
  /** Is what was read in the canonical form already? */
  canonical = false;
  bytes: Uint8Array = new Uint8Array(0);
  private at = 0;

  /** Reads the labels of `bytes[from, to)`; false when they are not well-formed, more than 1024, or have a name twice. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    this.bytes = bytes;
    this.count = 0;
    this.canonical = true;
    this.at = from;
    while (this.at < to) {
      if (bytes[this.at] !== 10 || this.count === LABELS_LIMIT) return false;
      this.at += 1;
      const size = this.varint(to);
      const end = this.at + size;
      if (size < 0 || end > to || !this.label(end)) return false;
    }
    if (!this.sort()) return false;
    // Nothing is shorter than the canonical form, so what is as long as it has no superfluous byte.
    this.canonical &&= this.encodedSize() === to - from;
    return true;
  }

  /** The canonical bytes of what was read. */
  encode(): Uint8Array {
    let total = 0;
    for (let i = 0; i < this.count; i += 1) total += 16 + this.nameSize(i) + this.valueSize(i);
    const out = new Uint8Array(total);
    let at = 0;
    for (let i = 0; i < this.count; i += 1) {
      const name = this.nameSize(i);
      const value = this.valueSize(i);
      out[at++] = 10;
      at = putVarint(out, at, 2 + varintSize(name) + name + varintSize(value) + value);
      out[at++] = 10;
      at = putVarint(out, at, name);
      out.set(this.bytes.subarray(this.nameFrom[i], this.nameTo[i]), at);
      at += name;
      out[at++] = 18;
      at = putVarint(out, at, value);
      out.set(this.bytes.subarray(this.valueFrom[i], this.valueTo[i]), at);
      at += value;
    }
    return out.subarray(0, at);
  }

  nameSize(i: number): number {
    return (this.nameTo[i] ?? 0) - (this.nameFrom[i] ?? 0);
  }

  valueSize(i: number): number {
    return (this.valueTo[i] ?? 0) - (this.valueFrom[i] ?? 0);
  }

  private encodedSize(): number {
    let total = 0;
    for (let i = 0; i < this.count; i += 1) {
      const name = this.nameSize(i);
      const value = this.valueSize(i);
      const body = 2 + varintSize(name) + name + varintSize(value) + value;
      total += 1 + varintSize(body) + body;
    }
    return total;
  }

  private label(end: number): boolean {
    const { bytes, count } = this;
    this.nameFrom[count] = 0;
    this.nameTo[count] = 0;
    this.valueFrom[count] = 0;
    this.valueTo[count] = 0;
    this.bodyFrom[count] = this.at;
    while (this.at < end) {
      const tag = bytes[this.at] ?? 0;
      this.at += 1;
      const size = tag === 10 || tag === 18 ? this.varint(end) : -1;
      if (size < 0 || this.at + size > end) return false;
      const from = this.at;
      this.at += size;
      if (tag === 10) {
        this.nameFrom[count] = from;
        this.nameTo[count] = this.at;
      } else {
        this.valueFrom[count] = from;
        this.valueTo[count] = this.at;
      }
    }
    if (this.nameSize(count) === 0) return false;
    if ((this.valueFrom[count] ?? 0) < (this.nameFrom[count] ?? 0)) this.canonical = false;
    if (this.valueSize(count) > 0) this.count += 1;
    return true;
  }

  /** Insertion sort, since labels come sorted; false when a name is there twice. */
  private sort(): boolean {
    for (let i = 1; i < this.count; i += 1) {
      for (let j = i; j > 0; j -= 1) {
        const order = this.compare(j - 1, j);
        if (order === 0) return false;
        if (order < 0) break;
        this.swap(j - 1, j);
        this.canonical = false;
      }
    }
    return true;
  }

  private compare(a: number, b: number): number {
    const { bytes } = this;
    const aFrom = this.nameFrom[a] ?? 0;
    const bFrom = this.nameFrom[b] ?? 0;
    const size = Math.min(this.nameSize(a), this.nameSize(b));
    for (let i = 0; i < size; i += 1) {
      const difference = (bytes[aFrom + i] ?? 0) - (bytes[bFrom + i] ?? 0);
      if (difference !== 0) return difference;
    }
    return this.nameSize(a) - this.nameSize(b);
  }

  private swap(a: number, b: number): void {
    for (const list of [this.nameFrom, this.nameTo, this.valueFrom, this.valueTo, this.bodyFrom]) {
      const kept = list[a] ?? 0;
      list[a] = list[b] ?? 0;
      list[b] = kept;
    }
  }

  private varint(end: number): number {
    let value = 0;
    for (let shift = 0; shift < 28 && this.at < end; shift += 7) {
      const byte = this.bytes[this.at] ?? 0;
      this.at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return -1;
  }
}

function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : 4;
}

function putVarint(out: Uint8Array, at: number, value: number): number {
  let to = at;
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) out[to++] = (rest & 0x7f) | 0x80;
  out[to++] = rest;
  return to;
}
