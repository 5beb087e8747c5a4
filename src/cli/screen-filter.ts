const ESCAPE = 0x1b;
const BELL = 0x07;
/** What may follow `ESC [` and its numbers: colours, moving within the line or by lines, clearing lines. */
const HARMLESS = new Set([...'mKGABCDEFJ'].map((char) => char.charCodeAt(0)));
const NUMBERS = new Set([...'0123456789;:'].map((char) => char.charCodeAt(0)));
/** The first byte of U+0080 to U+009F, which some terminals take for escape sequences. */
const LATIN_LEAD = 0xc2;
const LONGEST_SEQUENCE = 64;
const PASSED_CONTROLS = new Set([0x08, 0x09, 0x0a, 0x0d]);

/**
 * Passes the output of a command to a screen: its colours and progress bars, but nothing that sets titles, asks the terminal questions,
 * writes the clipboard or switches modes. Sequences may be spread over pieces.
 */
export class ScreenFilter {
  #sequence: number[] | null = null;
  /** Within `ESC ]`, `ESC P` and the like everything up to the end mark is dropped. */
  #dropping = false;
  #lead = false;

  pass(bytes: Uint8Array): Uint8Array {
    const passed: number[] = [];
    for (const byte of bytes) this.#take(byte, passed);
    return Uint8Array.from(passed);
  }

  #take(byte: number, passed: number[]): void {
    if (this.#dropping) {
      if (byte === BELL || byte === ESCAPE) this.#dropping = false;
      this.#sequence = byte === ESCAPE ? [byte] : null;
    } else if (this.#sequence !== null) this.#continue(this.#sequence, byte, passed);
    else if (this.#lead) {
      this.#lead = false;
      if (byte > 0x9f) passed.push(LATIN_LEAD, byte);
    } else if (byte === ESCAPE) this.#sequence = [byte];
    else if (byte === LATIN_LEAD) this.#lead = true;
    else if (byte >= 0x20 ? byte !== 0x7f : PASSED_CONTROLS.has(byte)) passed.push(byte);
  }

  #continue(sequence: number[], byte: number, passed: number[]): void {
    sequence.push(byte);
    const isControl = sequence[1] === '['.charCodeAt(0);
    if (sequence.length === 2 && isControl) return;
    if (!isControl) {
      this.#sequence = null;
      this.#dropping = ']PX^_'.includes(String.fromCharCode(byte));
    } else if (byte >= 0x40 && byte <= 0x7e) {
      const isPlain = sequence.slice(2, -1).every((one) => NUMBERS.has(one));
      if (isPlain && HARMLESS.has(byte)) passed.push(...sequence);
      this.#sequence = null;
    } else if (byte < 0x20 || sequence.length > LONGEST_SEQUENCE) this.#sequence = null;
  }
}
