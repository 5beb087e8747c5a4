import { nextStyle } from './ansi.ts';

export type StreamName = 'stdout' | 'stderr' | 'note';

/** One line of output. `style` is the escape sequences still in force where it begins; `text` may hold more of them. */
export interface OutputLine {
  readonly number: number;
  readonly stream: StreamName;
  readonly style: string;
  readonly text: string;
}

interface Writer {
  readonly decoder: TextDecoder;
  style: string;
  /** Index in `lines` of the line that is still being written, or null. */
  open: number | null;
  /** A carriage return was read: a newline ends the line, anything else writes it anew. */
  returned: boolean;
}

const MAX_LINES = 200_000;
const DROP_LINES = 20_000;
const MAX_LINE = 4000;

/**
 * The output of a run as lines. Chunks carry consecutive bytes; each stream has a decoder and an unfinished line of its own, so that a
 * character or line that is cut between two chunks stays whole even when the other stream speaks in between.
 */
export class OutputLog {
  /** How many bytes have been read: a chunk that begins before is repeated. */
  bytes = 0;
  /** How many lines at the beginning are no longer kept. */
  dropped = 0;
  lines: OutputLine[] = [];
  readonly #writers = new Map<StreamName, Writer>();

  /** Adds a chunk; gives false when it was known already or bytes before it are missing. */
  append(stream: StreamName, offset: number, bytes: Uint8Array): boolean {
    if (offset > this.bytes) return false;
    const fresh = bytes.subarray(this.bytes - offset);
    if (fresh.length === 0) return bytes.length === 0 && offset === this.bytes;
    this.bytes += fresh.length;
    const writer = this.#writer(stream);
    this.#write(stream, writer, writer.decoder.decode(fresh, { stream: true }));
    if (this.lines.length > MAX_LINES) this.#drop();
    return true;
  }

  #writer(stream: StreamName): Writer {
    let writer = this.#writers.get(stream);
    if (writer === undefined) {
      writer = { decoder: new TextDecoder(), style: '', open: null, returned: false };
      this.#writers.set(stream, writer);
    }
    return writer;
  }

  #write(stream: StreamName, writer: Writer, text: string): void {
    for (const piece of text.split(/([\r\n])/)) {
      if (piece === '') continue;
      if (piece === '\n') {
        if (writer.open === null) this.#extend(stream, writer, '');
        writer.open = null;
        writer.returned = false;
      } else if (piece === '\r') {
        writer.returned = true;
      } else {
        this.#extend(stream, writer, piece);
      }
    }
  }

  #extend(stream: StreamName, writer: Writer, text: string): void {
    const open = writer.open === null ? undefined : this.lines[writer.open];
    const kept = open === undefined || writer.returned ? '' : open.text;
    const style = open === undefined ? writer.style : writer.returned ? writer.style : open.style;
    writer.returned = false;
    let rest = kept + text;
    let at = writer.open ?? this.lines.length;
    let lineStyle = style;
    while (rest.length > MAX_LINE) {
      const cut = rest.slice(0, MAX_LINE);
      this.lines[at] = this.#line(at, stream, lineStyle, cut);
      lineStyle = nextStyle(lineStyle, cut);
      rest = rest.slice(MAX_LINE);
      at = this.lines.length;
    }
    this.lines[at] = this.#line(at, stream, lineStyle, rest);
    writer.open = at;
    writer.style = nextStyle(writer.style, text);
  }

  #line(at: number, stream: StreamName, style: string, text: string): OutputLine {
    return { number: this.dropped + at + 1, stream, style, text };
  }

  #drop(): void {
    const count = this.lines.length - MAX_LINES + DROP_LINES;
    this.lines = this.lines.slice(count);
    this.dropped += count;
    for (const writer of this.#writers.values()) {
      if (writer.open !== null) writer.open = writer.open >= count ? writer.open - count : null;
    }
  }
}
