import { formatValue } from '../../core/promql/number.ts';

const FIRST_ROOM = 2_048;
/** No number is longer than this. */
const NUMBER_BYTES = 32;
const BILLION = 1e9;
/** Whole numbers below it have at most fifteen digits: no shorter text reads back as the same number. */
const FIFTEEN_DIGITS = 1e15;
const ZERO = 48;
const POINT = 46;
const MINUS = 45;

/** JSON as bytes that grow at their end until they are taken. */
export class JsonBytes {
  size = 0;
  #bytes: Buffer = Buffer.allocUnsafe(FIRST_ROOM);
  /** The number that was framed last, and where its text stands. */
  #last = 0;
  #from = 0;
  #to = 0;

  /** Appends a text. */
  text(text: string): void {
    this.#reserve(text.length * 3);
    this.size += this.#bytes.write(text, this.size);
  }

  /** Appends `head`, the number and `tail`; so many times that a loop is faster than a call for each part. */
  framed(head: Uint8Array, value: number, tail: Uint8Array): void {
    this.#reserve(head.length + NUMBER_BYTES + tail.length);
    this.#copy(head, 0, head.length);
    // Values stay what they are more often than not; a zero has a sign that comparison does not see.
    const { size } = this;
    if (value === this.#last && value !== 0) this.#copy(this.#bytes, this.#from, this.#to);
    else this.number(value);
    this.#last = value;
    this.#from = size;
    this.#to = this.size;
    this.#copy(tail, 0, tail.length);
  }

  /** Appends a number as the Prometheus API writes it. */
  number(value: number): void {
    this.#reserve(NUMBER_BYTES);
    const size = value < 0 ? -value : value;
    const hundredths = Math.round(size * 100);
    if (!(hundredths > 0 && hundredths < FIFTEEN_DIGITS && hundredths / 100 === size)) {
      this.#ascii(formatValue(value));
      return;
    }
    if (value < 0) this.#bytes[this.size++] = MINUS;
    const whole = Math.floor(size);
    this.#whole(whole);
    const rest = hundredths - whole * 100;
    if (rest === 0) return;
    const own = this.#bytes;
    own[this.size++] = POINT;
    own[this.size++] = ZERO + Math.floor(rest / 10);
    if (rest % 10 !== 0) own[this.size++] = ZERO + (rest % 10);
  }

  /** What was written so far; the next byte is the first of a new piece. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.size);
    // The next piece will be about as long.
    this.#bytes = Buffer.allocUnsafe(Math.max(FIRST_ROOM, this.#bytes.length));
    this.size = 0;
    this.#last = 0;
    return taken;
  }

  #whole(value: number): void {
    const high = Math.floor(value / BILLION);
    const low = value - high * BILLION;
    if (high === 0) {
      this.#digits(low, digitsOf(low));
      return;
    }
    this.#digits(high, digitsOf(high));
    this.#digits(low, 9);
  }

  #digits(value: number, count: number): void {
    const own = this.#bytes;
    let rest = value | 0;
    for (let at = this.size + count - 1; at >= this.size; at -= 1) {
      const tenth = (rest / 10) | 0;
      own[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.size += count;
  }

  #copy(bytes: Uint8Array, from: number, to: number): void {
    const own = this.#bytes;
    let at = this.size;
    for (let i = from; i < to; i += 1) own[at++] = bytes[i] as number;
    this.size = at;
  }

  #ascii(text: string): void {
    const own = this.#bytes;
    let at = this.size;
    for (let i = 0; i < text.length; i += 1) own[at++] = text.charCodeAt(i);
    this.size = at;
  }

  #reserve(more: number): void {
    if (this.size + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.size + more, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.size);
    this.#bytes = grown;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; bound <= value; bound *= 10) digits += 1;
  return digits;
}
