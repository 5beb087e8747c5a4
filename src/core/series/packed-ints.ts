/** So many numbers share a width. */
const GROUP = 32;
const SHIFTED = 64;
/** A shared power of two that saves less than this many bits is not worth its byte. */
const WORTHWHILE = 3;
const WORD = 2 ** 32;

/** Bytes that grow at their end, with the number forms that chunks are made of. */
export class ByteSink {
  at = 0;
  bytes: Uint8Array = new Uint8Array(4096);
  view: DataView = new DataView(this.bytes.buffer);
  /** Working memory of `encodeInts`. */
  readonly group: Float64Array = new Float64Array(GROUP);
  readonly low: Float64Array = new Float64Array(GROUP);

  reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.at + more, this.bytes.length * 2));
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes[this.at++] = (rest % 128) | 0x80;
    this.bytes[this.at++] = rest;
  }

  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }
}

/** Reads what a ByteSink wrote. Past the end it gives zeros and sets `bad`. */
export class ByteSource {
  at = 0;
  end = 0;
  bad = false;
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);

  /** Begins to read `bytes[from, to)`. At least 8 bytes must follow `to` in the buffer behind a chunk's bytes. */
  open(bytes: Uint8Array, view: DataView, from: number, to: number): void {
    this.bytes = bytes;
    this.view = view;
    this.at = from;
    this.end = to;
    this.bad = false;
  }

  byte(): number {
    if (this.at >= this.end) this.bad = true;
    return this.bytes[this.at++] ?? 0;
  }

  varint(): number {
    const first = this.bytes[this.at] ?? 0;
    if (first < 0x80 && this.at < this.end) {
      this.at += 1;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    this.bad = true;
    return 0;
  }

  double(): number {
    if (this.at + 8 > this.end) {
      this.bad = true;
      return 0;
    }
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }

  /** Reads numbers of 1 to 32 bits into `out[start, end)`; false when they are not all there. */
  unpack(out: Float64Array, start: number, end: number, width: number): boolean {
    const { view, at } = this;
    this.at = at + (((end - start) * width + 7) >>> 3);
    if (this.at > this.end) return false;
    let bit = 0;
    if (width <= 25) {
      const mask = (1 << width) - 1;
      for (let i = start; i < end; i += 1) {
        out[i] = (view.getInt32(at + (bit >>> 3), true) >>> (bit & 7)) & mask;
        bit += width;
      }
      return true;
    }
    const mask = width === 32 ? -1 : (1 << width) - 1;
    for (let i = start; i < end; i += 1) {
      const byte = at + (bit >>> 3);
      const shift = bit & 7;
      let number = view.getInt32(byte, true) >>> shift;
      if (shift > 0) number |= view.getUint8(byte + 4) << (32 - shift);
      out[i] = (number & mask) >>> 0;
      bit += width;
    }
    return true;
  }

  /** Adds numbers of 1 to 21 bits, as those above the low 32, to `out[start, end)`. */
  addHigh(out: Float64Array, start: number, end: number, width: number): boolean {
    const { view, at } = this;
    this.at = at + (((end - start) * width + 7) >>> 3);
    if (this.at > this.end) return false;
    const mask = (1 << width) - 1;
    let bit = 0;
    for (let i = start; i < end; i += 1) {
      out[i] = (out[i] ?? 0) + ((view.getInt32(at + (bit >>> 3), true) >>> (bit & 7)) & mask) * WORD;
      bit += width;
    }
    return true;
  }
}

/**
 * Writes whole numbers (below 2^53 in size, as are their differences) in groups of 32: the least of the group, the width of the
 * largest difference to it, and the differences in that many bits each. When all differences are multiples of a power of two from 8 on,
 * its exponent + 64 stands before the width, and they are divided by it.
 */
export function encodeInts(numbers: Float64Array, from: number, to: number, sink: ByteSink): void {
  const { group } = sink;
  for (let start = from; start < to; start += GROUP) {
    const end = Math.min(to, start + GROUP);
    let least = numbers[start] ?? 0;
    let most = least;
    for (let i = start + 1; i < end; i += 1) {
      const number = numbers[i] ?? 0;
      if (number < least) least = number;
      if (number > most) most = number;
    }
    sink.varint(least < 0 ? -least * 2 - 1 : least * 2);
    let low = 0;
    for (let i = start; i < end; i += 1) {
      const number = (numbers[i] ?? 0) - least;
      low |= number;
      group[i - start] = number;
    }
    const shift = low === 0 ? 32 : 31 - Math.clz32(low & -low);
    if (shift < WORTHWHILE || most === least) {
      packGroup(group, end - start, bitWidth(most - least), sink);
      continue;
    }
    const scale = 2 ** shift;
    for (let i = 0; i < end - start; i += 1) group[i] = (group[i] ?? 0) / scale;
    sink.byte(SHIFTED + shift);
    packGroup(group, end - start, bitWidth((most - least) / scale), sink);
  }
}

function packGroup(group: Float64Array, size: number, width: number, sink: ByteSink): void {
  sink.byte(width);
  if (width === 0) return;
  sink.reserve((GROUP * width) / 8 + 16);
  if (width > 32) packWide(group, size, width, sink);
  else packNarrow(group, size, width, sink);
}

/** The number of bits that hold a whole number below 2^53. */
function bitWidth(range: number): number {
  return range < WORD ? 32 - Math.clz32(range) : 64 - Math.clz32(Math.floor(range / WORD));
}

function packNarrow(numbers: Float64Array, size: number, width: number, sink: ByteSink): void {
  const { bytes } = sink;
  let at = sink.at;
  let held = 0;
  let bits = 0;
  for (let i = 0; i < size; i += 1) {
    const number = (numbers[i] ?? 0) >>> 0;
    held |= number << bits;
    const taken = 32 - bits;
    bits += width;
    if (bits < 32) continue;
    bytes[at] = held;
    bytes[at + 1] = held >>> 8;
    bytes[at + 2] = held >>> 16;
    bytes[at + 3] = held >>> 24;
    at += 4;
    bits -= 32;
    held = taken >= 32 ? 0 : number >>> taken;
  }
  for (; bits > 0; bits -= 8) {
    bytes[at++] = held;
    held >>>= 8;
  }
  sink.at = at;
}

/** Wide numbers are two narrow ones: the low 32 bits of all, then the rest of all. */
function packWide(numbers: Float64Array, size: number, width: number, sink: ByteSink): void {
  const { low } = sink;
  for (let i = 0; i < size; i += 1) {
    const number = numbers[i] ?? 0;
    const high = Math.floor(number / WORD);
    low[i] = number - high * WORD;
    numbers[i] = high;
  }
  packNarrow(low, size, 32, sink);
  packNarrow(numbers, size, width - 32, sink);
}

/** Reads `count` numbers into `out` from `start`; false when the bytes cannot be what was written. */
export function decodeInts(source: ByteSource, out: Float64Array, start: number, count: number): boolean {
  const last = start + count;
  for (let at = start; at < last; at += GROUP) {
    const end = Math.min(at + GROUP, last);
    const zigzag = source.varint();
    const least = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    let width = source.byte();
    const scale = width >= SHIFTED ? 2 ** (width - SHIFTED) : 1;
    if (width >= SHIFTED) width = source.byte();
    if (width > 53 || source.bad) return false;
    if (width === 0) {
      for (let i = at; i < end; i += 1) out[i] = least;
      continue;
    }
    if (!source.unpack(out, at, end, Math.min(width, 32))) return false;
    if (width > 32 && !source.addHigh(out, at, end, width - 32)) return false;
    if (scale !== 1) for (let i = at; i < end; i += 1) out[i] = (out[i] ?? 0) * scale + least;
    else if (least !== 0) for (let i = at; i < end; i += 1) out[i] = (out[i] ?? 0) + least;
  }
  return true;
}
