import { parseSampleValue } from './exposition.ts';

const NEWLINE = 10;
const TAB = 9;
const SPACE = 32;
const RETURN = 13;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const SMALL_E = 101;
/** Whole numbers up to here, and powers of ten up to the 22nd, are exact: so is what one operation makes of two of them. */
const EXACT = 2 ** 53;
const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const LONGEST = 400;

/** Does a word end before this byte? */
function endsWord(byte: number | undefined): boolean {
  return byte === SPACE || byte === NEWLINE || byte === TAB || byte === RETURN || byte === undefined;
}

/** Reads numbers out of bytes without making texts of them, as long as they are written in the usual ways. */
export class WordNumber {
  /** Where the word that was read last ends. */
  end = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The number that the word at this place is, with the same value as `parseSampleValue` of its text; null: it is none. */
  read(from: number): number | null {
    const { bytes } = this;
    let at = from;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at += 1;
    const first = at;
    let whole = 0;
    let point = -1;
    let byte = bytes[at];
    for (; byte !== undefined; byte = bytes[++at]) {
      const digit = byte - ZERO;
      if (digit >= 0 && digit <= 9) whole = whole * 10 + digit;
      else if (byte === DOT && point < 0) point = at;
      else break;
    }
    if (at - first < (point < 0 ? 1 : 2) || whole >= EXACT) return this.asText(from);
    let power = point < 0 ? 0 : point + 1 - at;
    if (byte === SMALL_E) {
      power += this.exponent(at + 1);
      at = this.end;
    }
    if (!endsWord(bytes[at]) || !(power >= -22 && power <= 22)) return this.asText(from);
    this.end = at;
    const value = power < 0 ? whole / (POWERS[-power] ?? 1) : power > 0 ? whole * (POWERS[power] ?? 1) : whole;
    return isNegative ? -value : value;
  }

  /** The exponent from here on; infinite where there is none. */
  private exponent(from: number): number {
    const { bytes } = this;
    let at = from;
    const sign = bytes[at];
    if (sign === MINUS || sign === PLUS) at += 1;
    const first = at;
    let value = 0;
    for (; at - first < 4; at += 1) {
      const digit = (bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.end = at;
    if (at === first) return Number.POSITIVE_INFINITY;
    return sign === MINUS ? -value : value;
  }

  private asText(from: number): number | null {
    const { bytes } = this;
    let at = from;
    while (!endsWord(bytes[at])) at += 1;
    this.end = at;
    return at - from > LONGEST ? null : parseSampleValue(String.fromCharCode(...bytes.subarray(from, at)));
  }
}
