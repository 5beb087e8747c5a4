const WORD = 2 ** 32;

/** How many bits follow the prefixes `10`, `110`, ... of a number of varying length, as Prometheus chooses them for histograms. */
const WIDTHS = [3, 6, 9, 12, 18, 25, 56] as const;

/** Growing bytes that are written bit by bit, the highest bit first. */
export class BitWriter {
  private bytes = new Uint8Array(256);
  private at = 0;
  /** How many bits of the last byte are free. */
  private free = 0;
  private readonly float = new DataView(new ArrayBuffer(8));

  /** The bytes so far, a copy. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.at);
  }

  get size(): number {
    return this.at;
  }

  /** The lowest `count` bits (1 to 32) of a number. */
  bits(value: number, count: number): void {
    let left = count;
    while (left > 0) {
      if (this.free === 0) this.open();
      const taken = Math.min(left, this.free);
      const piece = (value >>> (left - taken)) & ((1 << taken) - 1);
      this.free -= taken;
      this.bytes[this.at - 1] = (this.bytes[this.at - 1] ?? 0) | (piece << this.free);
      left -= taken;
    }
  }

  /** The lowest `count` bits (33 to 64) of a whole number; a negative one as its two's complement. */
  wideBits(value: number, count: number): void {
    const high = Math.floor(value / WORD);
    this.bits(high | 0, count - 32);
    this.bits((value - high * WORD) | 0, 32);
  }

  /** The bits `[lowest, lowest + count)` of a number of 64 bits that is given as two words. */
  range([high, low]: readonly [number, number], lowest: number, count: number): void {
    const end = lowest + count;
    if (end > 32) this.bits(high >>> Math.max(0, lowest - 32), end - Math.max(32, lowest));
    if (lowest < 32) this.bits(low >>> lowest, Math.min(32, end) - lowest);
  }

  /** A double as it stands in memory, the highest byte first. */
  double(value: number): void {
    this.float.setFloat64(0, value);
    this.bits(this.float.getInt32(0), 32);
    this.bits(this.float.getInt32(4), 32);
  }

  byte(value: number): void {
    this.bits(value, 8);
  }

  /** A whole number, in few bits when it is near 0. */
  signed(value: number): void {
    this.varying(
      value,
      WIDTHS.findIndex((width) => value > -(2 ** (width - 1)) && value <= 2 ** (width - 1)),
    );
  }

  /** The same of a number that is not negative. */
  unsigned(value: number): void {
    this.varying(
      value,
      WIDTHS.findIndex((width) => value < 2 ** width),
    );
  }

  private varying(value: number, step: number): void {
    if (value === 0) return this.bits(0, 1);
    const width = WIDTHS[step] ?? 64;
    const ones = step < 0 ? WIDTHS.length + 1 : step + 1;
    if (step < 0) this.bits(2 ** ones - 1, ones);
    else this.bits(2 ** (ones + 1) - 2, ones + 1);
    if (width > 32) this.wideBits(value, width);
    else this.bits(value | 0, width);
  }

  private open(): void {
    if (this.at === this.bytes.length) {
      const bytes = new Uint8Array(this.at * 2);
      bytes.set(this.bytes);
      this.bytes = bytes;
    }
    this.bytes[this.at] = 0;
    this.at += 1;
    this.free = 8;
  }
}

/** Writes doubles as what changed since the one before: the bits between the first and the last that differ. */
export class XorWriter {
  private readonly before = new DataView(new ArrayBuffer(8));
  private readonly now = new DataView(new ArrayBuffer(8));
  private leading = 255;
  private trailing = 0;

  /** The first double, as it is. */
  first(out: BitWriter, value: number): void {
    this.now.setFloat64(0, value);
    this.firstWords(out, [this.now.getInt32(0), this.now.getInt32(4)]);
  }

  /** The first one as its two words. */
  firstWords(out: BitWriter, [high, low]: readonly [number, number]): void {
    this.before.setInt32(0, high);
    this.before.setInt32(4, low);
    out.bits(high, 32);
    out.bits(low, 32);
  }

  /** Each further one. */
  next(out: BitWriter, value: number): void {
    this.now.setFloat64(0, value);
    this.put(out, [this.now.getInt32(0), this.now.getInt32(4)]);
  }

  /** A further one as its two words. */
  put(out: BitWriter, [high, low]: readonly [number, number]): void {
    const changed = [high ^ this.before.getInt32(0), low ^ this.before.getInt32(4)] as const;
    this.before.setInt32(0, high);
    this.before.setInt32(4, low);
    if (changed[0] === 0 && changed[1] === 0) return out.bits(0, 1);
    const leading = Math.min(31, changed[0] === 0 ? 31 : Math.clz32(changed[0]));
    const trailing = changed[1] === 0 ? 32 + trailingZeros(changed[0]) : trailingZeros(changed[1]);
    out.bits(1, 1);
    if (this.leading !== 255 && leading >= this.leading && trailing >= this.trailing) {
      out.bits(0, 1);
      out.range(changed, this.trailing, 64 - this.leading - this.trailing);
      return;
    }
    this.leading = leading;
    this.trailing = trailing;
    const width = 64 - leading - trailing;
    out.bits(1, 1);
    out.bits(leading, 5);
    // 64 does not fit, and 0 is never needed.
    out.bits(width % 64, 6);
    out.range(changed, trailing, width);
  }
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
