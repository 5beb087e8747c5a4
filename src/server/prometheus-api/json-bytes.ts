import { formatValue } from '../../core/promql/number.ts';
import { grown } from '../../core/wire/grown.ts';
import { FractionDigits, LEAST_SPLIT, MOST_SPLIT } from './fraction-digits.ts';

const FIRST_ROOM = 2_048;
/** No number is longer than this. */
const NUMBER_BYTES = 32;
const BILLION = 1e9;
/** Whole numbers below it have at most fifteen digits: no shorter text reads back as the same number. */
const FIFTEEN_DIGITS = 1e15;
/** So many digits behind the point are short. */
const SHORT_DIGITS = 6;
const SHORT_SCALE = 1e6;
const FEW_DIGITS = 2;
const FEW_SCALE = 100;
const NINE = 9;
const HEAD_WORDS = 3;
const LEAST_HEADS = 64;
/** A point is not longer, and what is copied in words is longer by less than one. */
const MOST_POINT_BYTES = HEAD_WORDS * 8 + NUMBER_BYTES + 2 + 8;
const ZERO = 48;
const POINT = 46;
const MINUS = 45;
/** `"]` */
const POINT_END = 0x5d22;
/** `00` to `99`, the first digit in the low byte. */
const PAIRS = Uint16Array.from({ length: 100 }, (_, pair) => ZERO + ((pair / 10) | 0) + ((ZERO + (pair % 10)) << 8));

/** The beginnings of points, each at most 24 bytes of ASCII, in words of eight bytes: text that is the same for many is copied so. */
export class PointHeads {
  words: Float64Array = new Float64Array(0);
  sizes: Uint8Array = new Uint8Array(0);
  readonly #bytes = new DataView(new ArrayBuffer(HEAD_WORDS * 8));

  /** Sets the one at a place. */
  put(at: number, text: string): void {
    if (at >= this.sizes.length) {
      const room = Math.max(LEAST_HEADS, at * 2);
      this.words = grown(this.words, new Float64Array(room * HEAD_WORDS));
      this.sizes = grown(this.sizes, new Uint8Array(room));
    }
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i += 1) bytes.setUint8(i, text.charCodeAt(i));
    for (let word = 0; word < HEAD_WORDS; word += 1) this.words[at * HEAD_WORDS + word] = bytes.getFloat64(word * 8, true);
    this.sizes[at] = text.length;
  }
}

/** JSON as bytes that grow at their end until they are taken. */
export class JsonBytes {
  size = 0;
  #bytes: Buffer;
  #view: DataView;
  readonly #free: Buffer[] = [];
  readonly #alone: Float64Array = new Float64Array(1);
  readonly #fraction = new FractionDigits();
  /** The number that was framed last, and where its text stands. */
  readonly #last: Float64Array = new Float64Array(1);
  #from = 0;
  #to = 0;

  constructor() {
    this.#bytes = Buffer.allocUnsafe(FIRST_ROOM);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
  }

  /** Appends a text. */
  text(text: string): void {
    this.#reserve(text.length * 3);
    this.size += this.#bytes.write(text, this.size);
  }

  /**
   * Appends the beginning of a point, a number and the end of the point; so many times that a loop is faster than a call for each part,
   * and that numbers are handed over where they stand.
   */
  point(heads: PointHeads, head: number, values: Float64Array, at: number): void {
    this.#reserve(MOST_POINT_BYTES);
    const view = this.#view;
    const { words } = heads;
    let { size } = this;
    for (let word = 0; word < HEAD_WORDS; word += 1) view.setFloat64(size + word * 8, words[head * HEAD_WORDS + word] as number, true);
    size += heads.sizes[head] as number;
    this.size = size;
    const value = values[at] as number;
    // Values stay what they are more often than not; a zero has a sign that comparison does not see.
    if (value === this.#last[0] && value !== 0) {
      const from = this.#from;
      const length = this.#to - from;
      for (let word = 0; word < length; word += 8) view.setFloat64(size + word, view.getFloat64(from + word, true), true);
      this.size = size + length;
    } else {
      this.#number(values, at);
      this.#last[0] = value;
    }
    this.#from = size;
    this.#to = this.size;
    view.setUint16(this.size, POINT_END, true);
    this.size += 2;
  }

  /** Appends a number as the Prometheus API writes it. */
  number(value: number): void {
    this.#reserve(NUMBER_BYTES);
    this.#alone[0] = value;
    this.#number(this.#alone, 0);
  }

  /** What was written so far; the next byte is the first of a new piece. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.size);
    // The next piece will be about as long.
    this.#use(this.#free.pop() ?? Buffer.allocUnsafe(Math.max(FIRST_ROOM, this.#bytes.length)));
    this.size = 0;
    this.#last[0] = 0;
    return taken;
  }

  #number(values: Float64Array, at: number): void {
    const value = values[at] as number;
    const size = Math.abs(value);
    const start = this.size;
    if (!(size > 0 && size < FIFTEEN_DIGITS)) {
      this.#ascii(formatValue(value), start);
      return;
    }
    if (value < 0) this.#bytes[this.size++] = MINUS;
    const whole = Math.floor(size);
    const high = Math.floor(whole / BILLION);
    this.#whole(high | 0, (whole - high * BILLION) | 0);
    if (size === whole) return;
    // At most fifteen digits, of them few behind the point: no shorter text reads back as the same number.
    const digits = size < BILLION ? SHORT_DIGITS : FEW_DIGITS;
    const scale = size < BILLION ? SHORT_SCALE : FEW_SCALE;
    const scaled = Math.round(size * scale);
    if (scaled < FIFTEEN_DIGITS && scaled / scale === size) this.#short((scaled - whole * scale) | 0, digits);
    else if (size >= LEAST_SPLIT && size < MOST_SPLIT && this.#fraction.split(values, at)) this.#long();
    else this.#ascii(formatValue(value), start);
  }

  #short(fraction: number, digits: number): void {
    let rest = fraction;
    let count = digits;
    for (; rest % 10 === 0; rest = (rest / 10) | 0) count -= 1;
    this.#bytes[this.size++] = POINT;
    this.#digits(rest, count);
  }

  #long(): void {
    const fraction = this.#fraction;
    this.#bytes[this.size++] = POINT;
    this.#digits(fraction.first, fraction.firstCount);
    this.#digits(fraction.middle, fraction.middleCount);
    this.#digits(fraction.last, fraction.lastCount);
  }

  #whole(high: number, low: number): void {
    if (high === 0) {
      this.#digits(low, digitsOf(low));
      return;
    }
    this.#digits(high, digitsOf(high));
    this.#digits(low, NINE);
  }

  /** Takes a piece back of which nothing is needed any more: its memory will hold one of the next. */
  reuse({ buffer, byteOffset }: Buffer): void {
    if (byteOffset === 0 && buffer.byteLength >= this.#bytes.length) this.#free.push(Buffer.from(buffer));
  }

  #digits(value: number, count: number): void {
    const view = this.#view;
    const start = this.size;
    let rest = value;
    let at = start + count;
    this.size = at;
    for (; at - start >= 2; ) {
      const hundredth = (rest / 100) | 0;
      at -= 2;
      view.setUint16(at, PAIRS[rest - hundredth * 100] as number, true);
      rest = hundredth;
    }
    if (at > start) view.setUint8(start, ZERO + rest);
  }

  /** Writes a text to the place, over what is there. */
  #ascii(text: string, start: number): void {
    const own = this.#bytes;
    let at = start;
    for (let i = 0; i < text.length; i += 1) own[at++] = text.charCodeAt(i);
    this.size = at;
  }

  #reserve(more: number): void {
    if (this.size + more <= this.#bytes.length) return;
    const wider = Buffer.allocUnsafe(Math.max(this.size + more, this.#bytes.length * 2));
    this.#bytes.copy(wider, 0, 0, this.size);
    this.#use(wider);
  }

  #use(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; bound <= value; bound *= 10) digits += 1;
  return digits;
}
