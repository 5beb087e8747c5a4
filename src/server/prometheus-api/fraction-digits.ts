const HALF_WORD = 2 ** 26;
const LAST_DIGITS = 8;
const FIRST_DIGITS = 7;
/** Below so many digits fewer everything fits the 53 bits of a double. */
const MOST_DROPPED = 3;
const MANTISSA_BITS = 52;
const BIAS = 1023;
const MOST_BITS = 59;
const POWERS = Float64Array.from({ length: 19 }, (_, exponent) => 10 ** exponent);
/** For a last bit so far behind the point: the digits that are enough, and half the distance of two numbers in units of the last of them. */
const DIGITS = Uint8Array.from({ length: MOST_BITS + 1 }, (_, bits) => Math.ceil(bits * Math.log10(2)));
const HALVES = Float64Array.from(DIGITS, (digits, bits) => (POWERS[digits] as number) / 2 ** (bits + 1));

/** `FractionDigits` takes numbers that are not whole, from the one up to the other. */
export const LEAST_SPLIT = 2 ** -7;
export const MOST_SPLIT = 2 ** 52;

/**
 * The digits behind the point of the shortest decimal that reads back as the same number; of several equally short ones the nearest.
 * All that is calculated is exact: the fraction is at most 59 bits behind the point, and is multiplied by powers of ten in two halves.
 *
 * Steele and White's condition: with `p` digits, the number's fraction is `d + r` units of the last digit (`0 <= r < 1`), and whatever
 * is nearer than half the distance of two neighbouring doubles, `h` units, reads back as it. With enough digits for `h > 1/2` the nearest
 * whole number of units does; as long as a multiple of ten times as much does, the digit is not needed.
 */
export class FractionDigits {
  /** The digits behind the point, as up to three numbers one behind the other, and how many digits each has, zeros at its beginning counted. */
  first = 0;
  firstCount = 0;
  middle = 0;
  middleCount = 0;
  last = 0;
  lastCount = 0;
  /** The number, and what is left of its fraction: numbers that are handed over in an array need no memory of their own. */
  readonly #doubles: Float64Array = new Float64Array(2);
  readonly #words: Int32Array = new Int32Array(this.#doubles.buffer);

  /** Takes the number at the place apart, without its sign; false when that is left to slower ways. */
  split(values: Float64Array, at: number): boolean {
    const doubles = this.#doubles;
    const size = Math.abs(values[at] as number);
    doubles[0] = size;
    doubles[1] = size - Math.floor(size);
    const bits = MANTISSA_BITS + BIAS - ((this.#words[1] as number) >>> 20);
    const digits = DIGITS[bits] as number;
    const lastCount = digits < LAST_DIGITS ? digits : LAST_DIGITS;
    // As many digits as possible first: what is left has so many bits fewer.
    const firstCount = digits - lastCount < FIRST_DIGITS ? digits - lastCount : FIRST_DIGITS;
    this.firstCount = firstCount;
    this.middleCount = digits - lastCount - firstCount;
    this.first = firstCount > 0 ? this.#next(firstCount) : 0;
    this.middle = this.middleCount > 0 ? this.#next(this.middleCount) : 0;
    return this.#shorten(this.#next(lastCount), lastCount, bits);
  }

  /** The next digits of what is left of the fraction. */
  #next(count: number): number {
    const rest = this.#doubles[1] as number;
    const power = POWERS[count] as number;
    const upper = Math.floor(rest * HALF_WORD) / HALF_WORD;
    const product = upper * power;
    const whole = Math.floor(product);
    const sum = product - whole + (rest - upper) * power;
    const carry = Math.floor(sum);
    this.#doubles[1] = sum - carry;
    return (whole + carry) | 0;
  }

  /** Leaves the digits out that are not needed, and rounds. */
  #shorten(digits: number, count: number, bits: number): boolean {
    const half = HALVES[bits] as number;
    const most = count < MOST_DROPPED ? count : MOST_DROPPED;
    let kept = digits;
    let unit = 1;
    let dropped = 0;
    let over = this.#doubles[1] as number;
    for (; dropped < most; dropped += 1) {
      const shorter = (kept / 10) | 0;
      const more = (kept - shorter * 10) * unit + over;
      if (more >= half && unit * 10 - more >= half) break;
      kept = shorter;
      over = more;
      unit *= 10;
    }
    if (dropped === most || over === unit / 2) return false;
    if (over > unit / 2) kept += 1;
    this.lastCount = count - dropped;
    this.last = kept;
    // Else the digits before would have to change.
    return kept < (POWERS[this.lastCount] as number);
  }
}
