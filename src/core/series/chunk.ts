import { decodeSides, encodeSides, HISTOGRAMS, STARTED } from './chunk-sides.ts';
import { type Columns, HISTOGRAM, type RegularSamples, STALE } from './columns.ts';
import { type ByteSink, ByteSource, decodeInts, encodeInts } from './packed-ints.ts';

/**
 * A chunk: samples of one series in order of time.
 *
 *     byte     bits 0-1 value codec, bit 2 regular times, bit 3 staleness markers, bit 4 histograms, bit 5 start times
 *     varint   count
 *     double   first time; then the step as varint when times are regular, else the differences as packed integers
 *     values   constant  the value
 *              decimal   exponent e, order (0 numbers, 1 differences), first number when differences; packed integers m: value = m / 10^e
 *              bits      shift s, first value; packed integers d: bits of the value grow by d * 2^s
 *              raw       doubles
 *     bitmap   of the staleness markers; their value is stored as a copy of the one before
 *     sides    histograms and start times (chunk-sides.ts); the value of a histogram is its sum
 *
 * The value codec is chosen by what the samples are: exact in every case.
 */
const CONSTANT = 0;
const DECIMAL = 1;
const BITS = 2;
const RAW = 3;
const CODEC = 3;
const REGULAR = 4;
const MARKED = 8;

const WORD = 2 ** 32;
const EXACT = 2 ** 53;
const MAX_EXPONENT = 9;
/** From so many decimals on, the bits of the value may be the shorter description. */
const DOUBTFUL_EXPONENT = 3;
const POWERS = Array.from({ length: MAX_EXPONENT + 1 }, (_, exponent) => 10 ** exponent);

/** What no chunk exceeds. */
export const CHUNK_SAMPLES_LIMIT = 4_096;

/** The bytes that must follow a chunk in its buffer, because numbers are read four bytes at a time. */
export const CHUNK_PADDING_BYTES = 8;

/** Encodes chunks; holds the working memory for it. */
export class ChunkEncoder {
  private numbers: Float64Array = new Float64Array(CHUNK_SAMPLES_LIMIT);
  private values: Float64Array = new Float64Array(CHUNK_SAMPLES_LIMIT);
  private readonly words: Int32Array = new Int32Array(this.values.buffer);

  /** Appends the chunk of `columns[from, to)` (in order, 1 to 4 096 samples) to the sink. */
  encode(columns: Columns, from: number, to: number, sink: ByteSink): void {
    const count = to - from;
    const marked = this.takeValues(columns, from, count);
    const head = sink.at;
    sink.byte(0);
    sink.varint(count);
    let flags = this.encodeTimes(columns.times, from, count, sink);
    flags |= this.encodeValues(count, sink);
    if (marked) {
      flags |= MARKED;
      encodeBitmap(columns.stale, from, count, sink);
    }
    flags |= encodeSides(columns, from, to, sink);
    // Only now: the sink's memory may be another one than before.
    sink.bytes[head] = flags;
  }

  private takeValues(columns: Columns, from: number, count: number): boolean {
    let marked = false;
    let last = 0;
    for (let i = 0; i < count; i += 1) {
      const kind = columns.stale[from + i];
      if (kind === STALE) marked = true;
      else last = kind === HISTOGRAM ? (columns.histogramAt(from + i)?.sum ?? 0) : (columns.values[from + i] ?? 0);
      this.values[i] = last;
    }
    return marked;
  }

  private encodeTimes(times: Float64Array, from: number, count: number, sink: ByteSink): number {
    const first = times[from] ?? 0;
    sink.double(first);
    const step = count > 1 ? (times[from + 1] ?? 0) - first : 0;
    let regular = true;
    for (let i = 1; i < count; i += 1) {
      const difference = (times[from + i] ?? 0) - (times[from + i - 1] ?? 0);
      this.numbers[i - 1] = difference;
      if (difference !== step) regular = false;
    }
    if (regular) sink.varint(step);
    else encodeInts(this.numbers, 0, count - 1, sink);
    return regular ? REGULAR : 0;
  }

  private encodeValues(count: number, sink: ByteSink): number {
    if (this.isConstant(count)) {
      sink.double(this.values[0] ?? 0);
      return CONSTANT;
    }
    const start = sink.at;
    const exponent = this.toDecimal(count);
    if (exponent >= 0) this.encodeDecimal(exponent, count, sink);
    if (exponent >= 0 && exponent < DOUBTFUL_EXPONENT) return DECIMAL;
    const decimalBytes = exponent >= 0 ? sink.at - start : Number.POSITIVE_INFINITY;
    sink.at = start;
    const shift = this.toBitSteps(count);
    if (shift >= 0) this.encodeBitSteps(shift, count, sink);
    if (shift >= 0 && sink.at - start < decimalBytes) return BITS;
    sink.at = start;
    if (exponent >= 0) {
      this.encodeDecimal(this.toDecimal(count), count, sink);
      return DECIMAL;
    }
    for (let i = 0; i < count; i += 1) sink.double(this.values[i] ?? 0);
    return RAW;
  }

  private encodeBitSteps(shift: number, count: number, sink: ByteSink): void {
    sink.byte(shift);
    sink.double(this.values[0] ?? 0);
    encodeInts(this.numbers, 0, count - 1, sink);
  }

  private isConstant(count: number): boolean {
    const { words } = this;
    for (let i = 2; i < count * 2; i += 2) if (words[i] !== words[0] || words[i + 1] !== words[1]) return false;
    return true;
  }

  /** Makes `numbers` the values times a power of ten, if one makes all of them whole; the exponent, or -1. */
  private toDecimal(count: number): number {
    const { values, numbers } = this;
    let exponent = 0;
    let power = 1;
    for (let i = 0; i < count; i += 1) {
      const value = values[i] ?? 0;
      let number = Math.round(value * power);
      while (number / power !== value || Math.abs(number) >= EXACT / 4) {
        exponent += 1;
        if (exponent > MAX_EXPONENT || !(Math.abs(value) < EXACT / 4)) return -1;
        power = POWERS[exponent] ?? 1;
        number = Math.round(value * power);
        if (i > 0) {
          i = -1;
          break;
        }
      }
      if (i < 0) continue;
      if (number === 0 && Object.is(value, -0)) return -1;
      numbers[i] = number;
    }
    return exponent;
  }

  private encodeDecimal(exponent: number, count: number, sink: ByteSink): void {
    const { numbers } = this;
    let least = numbers[0] ?? 0;
    let most = least;
    let leastStep = Number.POSITIVE_INFINITY;
    let mostStep = Number.NEGATIVE_INFINITY;
    for (let i = 1; i < count; i += 1) {
      const number = numbers[i] ?? 0;
      const step = number - (numbers[i - 1] ?? 0);
      if (number < least) least = number;
      if (number > most) most = number;
      if (step < leastStep) leastStep = step;
      if (step > mostStep) mostStep = step;
    }
    sink.byte(exponent);
    if (most - least <= mostStep - leastStep) {
      sink.byte(0);
      encodeInts(numbers, 0, count, sink);
      return;
    }
    sink.byte(1);
    sink.double(numbers[0] ?? 0);
    for (let i = 0; i + 1 < count; i += 1) numbers[i] = (numbers[i + 1] ?? 0) - (numbers[i] ?? 0);
    encodeInts(numbers, 0, count - 1, sink);
  }

  /** Makes `numbers` the steps between the values' bits, divided by the power of two that divides all; its exponent, or -1. */
  private toBitSteps(count: number): number {
    const { words, numbers } = this;
    let low = 0;
    let high = 0;
    for (let i = 1; i < count; i += 1) {
      const lowStep = ((words[2 * i] ?? 0) >>> 0) - ((words[2 * i - 2] ?? 0) >>> 0);
      const highStep = (words[2 * i + 1] ?? 0) - (words[2 * i - 1] ?? 0);
      low |= lowStep;
      high |= highStep;
      numbers[i - 1] = highStep * WORD + lowStep;
    }
    const shift = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low);
    const scale = 2 ** shift;
    for (let i = 0; i + 1 < count; i += 1) {
      const number = (numbers[i] ?? 0) / scale;
      if (Math.abs(number) >= EXACT / 4) return -1;
      numbers[i] = number;
    }
    return shift;
  }
}

function trailingZeros(word: number): number {
  return word === 0 ? 32 : 31 - Math.clz32(word & -word);
}

function encodeBitmap(stale: Uint8Array, from: number, count: number, sink: ByteSink): void {
  for (let i = 0; i < count; i += 8) {
    let byte = 0;
    for (let k = 0; k < 8 && i + k < count; k += 1) if (stale[from + i + k] === STALE) byte |= 1 << k;
    sink.byte(byte);
  }
}

/** Times, both included. */
interface Between {
  readonly since: number;
  readonly until: number;
}

/** Where a chunk stands in its buffer, and the times of which samples are wanted, both included; without them all are. */
export interface ChunkRange {
  readonly from: number;
  readonly to: number;
  readonly since?: number;
  readonly until?: number;
}

/** Decodes chunks; holds the reader for it. */
export class ChunkDecoder {
  /** The samples of the chunk that was decoded last, until the next, if `isWhole`: it was a regular one of which not all were wanted. */
  readonly whole = { first: 0, step: 0, count: 0, values: new Float64Array(0) } satisfies RegularSamples;
  isWhole = false;
  private readonly source = new ByteSource();
  private readonly bits: Float64Array = new Float64Array(1);
  private readonly words: Int32Array = new Int32Array(this.bits.buffer);

  /** Appends the samples of a chunk to the columns, perhaps some outside of the times; false (and nothing appended) when it is not a chunk. */
  decode(bytes: Uint8Array, view: DataView, range: ChunkRange, out: Columns): boolean {
    const { source } = this;
    source.open(bytes, view, range.from, range.to);
    const flags = source.byte();
    const count = source.varint();
    this.isWhole = false;
    if (source.bad || count < 1 || count > CHUNK_SAMPLES_LIMIT || range.to + CHUNK_PADDING_BYTES > bytes.length) return false;
    if ((flags & ~CODEC) === REGULAR) {
      const mark = source.at;
      const first = source.double();
      const step = source.varint();
      const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = range;
      const isAll = out.instants === null && first >= since && first + (count - 1) * step <= until;
      if (!isAll) return this.decodeSome(flags & CODEC, { first, step, count }, { since, until }, out);
      source.at = mark;
    }
    out.reserve(count);
    const at = out.size;
    if (!this.times(flags, out.times, at, count) || !this.values(flags & CODEC, out.values, at, count)) return false;
    if ((flags & MARKED) === 0) out.stale.fill(0, at, at + count);
    else
      for (let i = 0, byte = 0; i < count; i += 1) {
        if (i % 8 === 0) byte = source.byte();
        out.stale[at + i] = (byte >>> (i % 8)) & 1;
      }
    if (source.bad) return false;
    const hasSides = (flags & (HISTOGRAMS | STARTED)) !== 0;
    out.extend(count, hasSides || (flags & MARKED) !== 0);
    if (!hasSides || decodeSides(source, flags, at, out)) return true;
    out.size = at;
    return false;
  }

  /** Appends those samples of a chunk of nothing but numbers at regular times that are wanted. */
  private decodeSome(
    codec: number,
    { first, step, count }: { readonly first: number; readonly step: number; readonly count: number },
    { since, until }: Between,
    out: Columns,
  ): boolean {
    const { whole } = this;
    if (whole.values.length === 0) whole.values = new Float64Array(CHUNK_SAMPLES_LIMIT);
    if (!this.values(codec, whole.values, 0, count) || this.source.bad) return false;
    whole.first = first;
    whole.step = step;
    whole.count = count;
    this.isWhole = true;
    out.addBetween(whole, since, until);
    return true;
  }

  private times(flags: number, out: Float64Array, at: number, count: number): boolean {
    const first = this.source.double();
    out[at] = first;
    if ((flags & REGULAR) !== 0) {
      const step = this.source.varint();
      for (let i = 1; i < count; i += 1) out[at + i] = first + i * step;
      return true;
    }
    if (!decodeInts(this.source, out, at + 1, count - 1)) return false;
    for (let i = 1, time = first; i < count; i += 1) out[at + i] = time += out[at + i] ?? 0;
    return true;
  }

  private values(codec: number, out: Float64Array, at: number, count: number): boolean {
    const { source } = this;
    if (codec === CONSTANT) out.fill(source.double(), at, at + count);
    else if (codec === RAW) for (let i = 0; i < count; i += 1) out[at + i] = source.double();
    else if (codec === DECIMAL) return this.decimal(out, at, count);
    else return this.bitSteps(out, at, count);
    return true;
  }

  private decimal(out: Float64Array, at: number, count: number): boolean {
    const { source } = this;
    const power = POWERS[source.byte()];
    if (power === undefined) return false;
    if (source.byte() === 0) {
      if (!decodeInts(source, out, at, count)) return false;
    } else {
      let number = source.double();
      out[at] = number;
      if (!decodeInts(source, out, at + 1, count - 1)) return false;
      for (let i = at + 1; i < at + count; i += 1) out[i] = number += out[i] ?? 0;
    }
    if (power !== 1) for (let i = at; i < at + count; i += 1) out[i] = (out[i] ?? 0) / power;
    return true;
  }

  private bitSteps(out: Float64Array, at: number, count: number): boolean {
    const { source } = this;
    const shift = source.byte();
    let value = source.double();
    out[at] = value;
    if (!decodeInts(source, out, at + 1, count - 1)) return false;
    const end = at + count;
    const scale = 2 ** shift;
    for (let i = at + 1; i < end; i += 1) {
      // Between two powers of two a step of the bits is a step of the value, and adding it is exact.
      const low = this.binadeOf(value);
      const high = low * 2;
      const unit = low * 2 ** (shift - 52);
      for (; i < end; i += 1) {
        const next = value + (out[i] ?? 0) * unit;
        if (!(next >= low && next < high)) break;
        out[i] = next;
        value = next;
      }
      if (i === end) break;
      value = this.stepBits(value, (out[i] ?? 0) * scale);
      out[i] = value;
    }
    return true;
  }

  /** The power of two at or below a value; Infinity where steps of the bits are not worth the same. */
  private binadeOf(value: number): number {
    this.bits[0] = value;
    const exponent = ((this.words[1] ?? 0) >>> 20) & 0x7ff;
    return value < 0 || exponent < 128 || exponent > 0x7f0 ? Number.POSITIVE_INFINITY : 2 ** (exponent - 1023);
  }

  private stepBits(value: number, step: number): number {
    const { bits, words } = this;
    bits[0] = value;
    const highStep = Math.floor(step / WORD);
    const low = ((words[0] ?? 0) >>> 0) + (step - highStep * WORD);
    words[0] = low;
    words[1] = (words[1] ?? 0) + highStep + (low >= WORD ? 1 : 0);
    return bits[0];
  }
}
