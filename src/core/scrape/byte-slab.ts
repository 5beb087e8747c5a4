/** A place in a slab. */
export type Range = readonly [from: number, to: number];

/** Many small pieces of bytes in one array: an object for each would cost more than the piece. */
export class ByteSlab {
  bytes: Uint8Array = new Uint8Array(4_096);
  private used = 0;
  private wasted = 0;

  /** More than half of what it holds is given up. */
  get isWasteful(): boolean {
    return this.wasted > 65_536 && this.wasted * 2 > this.used;
  }

  put(piece: Uint8Array): Range {
    const from = this.used;
    const to = from + piece.length;
    if (to > this.bytes.length) {
      const grown = new Uint8Array(Math.max(to, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, from));
      this.bytes = grown;
    }
    this.bytes.set(piece, from);
    this.used = to;
    return [from, to];
  }

  giveUp([from, to]: Range): void {
    this.wasted += to - from;
  }
}
