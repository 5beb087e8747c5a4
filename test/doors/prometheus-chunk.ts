/** A chunk of Prometheus read bit by bit, straight from the description of the format: slow, and nothing of what is tested. */
import type { Histogram, ResetHint } from '../../src/core/promql/histogram.ts';

export interface ReadSample {
  readonly at: number;
  /** Of a number its bits, so that every NaN is told apart. */
  readonly value: bigint | Histogram;
}

class Bits {
  private readonly bytes: Uint8Array;
  private at: number;

  constructor(bytes: Uint8Array, from: number) {
    this.bytes = bytes;
    this.at = from * 8;
  }

  take(count: number): bigint {
    let value = 0n;
    for (let i = 0; i < count; i += 1, this.at += 1) {
      const byte = this.bytes[this.at >> 3];
      if (byte === undefined) throw new Error('the chunk ends too early');
      value = (value << 1n) | BigInt((byte >> (7 - (this.at & 7))) & 1);
    }
    return value;
  }

  ones(most: number): number {
    let count = 0;
    while (count < most && this.take(1) === 1n) count += 1;
    return count;
  }

  /** As the widths say: not two's complement, but one more number above than below. */
  signed(width: number): number {
    const value = this.take(width);
    return Number(width < 64 && value > 1n << BigInt(width - 1) ? value - (1n << BigInt(width)) : BigInt.asIntN(64, value));
  }

  varbit(isSigned: boolean): number {
    const width = [0, 3, 6, 9, 12, 18, 25, 56, 64][this.ones(8)] ?? 0;
    return width === 0 ? 0 : isSigned ? this.signed(width) : Number(this.take(width));
  }

  varint(): number {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.take(8);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return Number(value);
    }
  }
}

class Xor {
  private value = 0n;
  private leading = 0;
  private trailing = 0;

  first(bits: Bits): bigint {
    return (this.value = bits.take(64));
  }

  next(bits: Bits): bigint {
    if (bits.take(1) === 0n) return this.value;
    if (bits.take(1) === 1n) {
      this.leading = Number(bits.take(5));
      this.trailing = 64 - this.leading - (Number(bits.take(6)) || 64);
    }
    this.value ^= bits.take(64 - this.leading - this.trailing) << BigInt(this.trailing);
    return this.value;
  }
}

export function bitsOf(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

function numberOf(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

export function readXorChunk(bytes: Uint8Array): ReadSample[] {
  const bits = new Bits(bytes, 0);
  const xor = new Xor();
  const samples: ReadSample[] = [];
  let at = 0;
  let distance = 0;
  for (let i = Number(bits.take(16)), seen = 0; seen < i; seen += 1) {
    if (seen === 0) {
      const zigzag = bits.varint();
      at = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    } else {
      if (seen === 1) distance = bits.varint();
      else
        distance +=
          [() => 0, () => bits.signed(14), () => bits.signed(17), () => bits.signed(20), () => bits.signed(64)][bits.ones(4)]?.() ?? 0;
      at += distance;
    }
    samples.push({ at, value: seen === 0 ? xor.first(bits) : xor.next(bits) });
  }
  return samples;
}

function readSpans(bits: Bits): Int32Array {
  const index: number[] = [];
  let at = 0;
  for (let spans = bits.varbit(false); spans > 0; spans -= 1) {
    const length = bits.varbit(false);
    at += bits.varbit(true);
    for (let i = 0; i < length; i += 1, at += 1) index.push(at);
  }
  return Int32Array.from(index);
}

export function readHistogramChunk(bytes: Uint8Array, isWhole: boolean): ReadSample[] {
  const bits = new Bits(bytes, 0);
  const size = Number(bits.take(16));
  const header = Number(bits.take(8)) >> 6;
  const threshold = Number(bits.take(8));
  const zeroThreshold = threshold === 0 ? 0 : threshold === 255 ? numberOf(bits.take(64)) : 2 ** (threshold - 244);
  const schema = bits.varbit(true);
  const [positive, negative] = [readSpans(bits), readSpans(bits)];
  const customValues: number[] = [];
  if (schema === -53) {
    for (let bounds = bits.varbit(false); bounds > 0; bounds -= 1) {
      const thousandths = bits.varbit(false);
      customValues.push(thousandths === 0 ? numberOf(bits.take(64)) : (thousandths - 1) / 1000);
    }
  }
  const columns = 3 + positive.length + negative.length;
  const xors = Array.from({ length: columns }, () => new Xor());
  const values = Array.from({ length: columns }, () => 0);
  const growth = Array.from({ length: columns }, () => 0);
  const samples: ReadSample[] = [];
  let at = 0;
  let distance = 0;
  for (let seen = 0; seen < size; seen += 1) {
    if (seen === 0) at = bits.varbit(true);
    else at += distance += bits.varbit(true);
    for (let c = 0; c < columns; c += 1) {
      const xor = xors[c] ?? new Xor();
      if (!isWhole || c === 2) values[c] = numberOf(seen === 0 ? xor.first(bits) : xor.next(bits));
      else if (seen === 0) values[c] = bits.varbit(c > 1);
      else values[c] = (values[c] ?? 0) + (growth[c] = (growth[c] ?? 0) + bits.varbit(true));
    }
    const counts = (from: number, to: number): Float64Array => {
      let sum = 0;
      return Float64Array.from(values.slice(from, to), (value) => (isWhole ? (sum += value) : value));
    };
    const hint: ResetHint = header === 3 ? 'gauge' : seen > 0 ? 'not-reset' : header === 2 ? 'reset' : 'unknown';
    const [count = 0, zeroCount = 0, sum = 0] = values;
    const middle = 3 + positive.length;
    samples.push({
      at,
      value: {
        schema,
        hint,
        zeroThreshold,
        zeroCount,
        count,
        sum,
        positive: { index: positive, count: counts(3, middle) },
        negative: { index: negative, count: counts(middle, columns) },
        customValues,
      },
    });
  }
  return samples;
}
