/** One event of a text/event-stream. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | null;
}

const MAX_PENDING = 4_000_000;

/** Reads text/event-stream (HTML standard, 9.2) piece by piece; give it text as it comes, it gives the events that are complete. */
export class EventStreamParser {
  #pending = '';
  #event = '';
  #data: string[] = [];
  #id: string | null = null;

  push(text: string): StreamEvent[] {
    this.#pending += text;
    if (this.#pending.length > MAX_PENDING) throw new Error('An event of the stream is too large.');
    const events: StreamEvent[] = [];
    let line = this.#nextLine();
    while (line !== null) {
      const event = this.#read(line);
      if (event !== null) events.push(event);
      line = this.#nextLine();
    }
    return events;
  }

  #nextLine(): string | null {
    const end = this.#pending.search(/[\r\n]/);
    // A CR at the end may be the first half of CRLF.
    if (end < 0 || (this.#pending[end] === '\r' && end === this.#pending.length - 1)) return null;
    const line = this.#pending.slice(0, end);
    this.#pending = this.#pending.slice(this.#pending.startsWith('\r\n', end) ? end + 2 : end + 1);
    return line;
  }

  #read(line: string): StreamEvent | null {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id') this.#id = value;
    return null;
  }

  #dispatch(): StreamEvent | null {
    const event = { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id };
    const empty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    return empty && event.event === 'message' ? null : event;
  }
}
