import { utf8Bytes } from './utf8.ts';

/** FNV-1a with 64 bits, fed piece by piece. Names and deduplicates; proves nothing (`sha256` does). */
export class Fnv1a64 {
  #high = 0xcbf29ce4;
  #low = 0x84222325;

  addByte(byte: number): void {
    const low = (this.#low ^ byte) >>> 0;
    // (high:low) * 0x100000001b3 in 32-bit pieces: the prime is 2^40 + 0x1b3.
    const product = low * 0x1b3;
    this.#high = (Math.imul(this.#high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0;
    this.#low = product >>> 0;
  }

  /** Its UTF-8 bytes; a lone surrogate counts as U+FFFD. */
  addText(text: string): void {
    for (const byte of utf8Bytes(text)) this.addByte(byte);
  }

  hex(): string {
    return this.#high.toString(16).padStart(8, '0') + this.#low.toString(16).padStart(8, '0');
  }
}

/** Sixteen hex digits of a text. */
export function hashText(text: string): string {
  const hash = new Fnv1a64();
  hash.addText(text);
  return hash.hex();
}
