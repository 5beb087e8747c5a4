import type { Millis } from '../base/time.ts';
import { parseSampleValue } from './exposition.ts';
import { readSeriesText } from './series-text.ts';
import { decodeUtf8 } from './utf8.ts';
import { WordNumber } from './word-number.ts';

/** What a scan finds, in the order of the answer. A text that one of them gives back ends the scan with it as the problem. */
export interface ScanSink {
  /** What follows is of the series whose text is `bytes[from, to)`: the same bytes for the same series of the same source. */
  series(bytes: Uint8Array, from: number, to: number): string | null;
  /** A `start` of 0: not known when its counter started. */
  sample(value: number, at: Millis | null, start: Millis): void;
  /** A native histogram: a remote-write `Histogram` message without its moment. */
  histogram(message: Uint8Array, at: Millis | null, start: Millis): void;
  /** Belongs to the sample or histogram before. */
  exemplar(exemplar: Exemplar): void;
}

/** What a scan of a text finds besides. */
export interface TextSink extends ScanSink {
  /**
   * Where that ends which begins at this place and was there before: the text of a series, or a whole line about a family, which then
   * need not be read; -1: nothing that is known.
   */
  known(bytes: Uint8Array, at: number): number;
  /** A line about a family that was not known, `bytes[from, to)` with its line end. */
  family(said: FamilyLine, bytes: Uint8Array, from: number, to: number): void;
}

/** What a line says of a family. */
export interface FamilyLine {
  readonly kind: 'type' | 'help' | 'unit';
  readonly name: string;
  readonly text: string;
}

/** A traced example of what was counted. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly at: Millis | null;
}

/** The two text formats: Prometheus' own, and OpenMetrics 1.0. */
export type TextFormat = 'prometheus' | 'openmetrics';

const NEWLINE = 10;
const TAB = 9;
const SPACE = 32;
const HASH = 35;
const QUOTE = 34;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;
const RETURN = 13;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
/** A sign and sixteen digits. */
const LONGEST_MOMENT = 17;
const NOT_UTF8 = 'the text is not UTF-8';
const EXEMPLAR_LABELS = 64;
/** Seconds as OpenMetrics writes them must stay exact milliseconds. */
const LATEST_SECONDS = 8.64e12;
const PROMETHEUS_TYPES: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped', 'unknown']);
const OPENMETRICS_TYPES: ReadonlySet<string> = new Set([
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
  'unknown',
]);

/**
 * Goes through a text exposition without looking into the series: null, or what is wrong, with the line. The formats are those of
 * prometheus.io/docs/instrumenting/exposition_formats and of OpenMetrics 1.0, in which the text must end with `# EOF`.
 */
export function scanExposition(bytes: Uint8Array, format: TextFormat, sink: TextSink): string | null {
  return new Scanner(bytes, format, sink).scan();
}

class Scanner {
  private at = 0;
  private line = 1;
  private ended = false;
  private readonly bytes: Uint8Array;
  private readonly numbers: WordNumber;
  private readonly format: TextFormat;
  private readonly sink: TextSink;

  constructor(bytes: Uint8Array, format: TextFormat, sink: TextSink) {
    this.bytes = bytes;
    this.numbers = new WordNumber(bytes);
    this.format = format;
    this.sink = sink;
  }

  scan(): string | null {
    const { bytes, format, sink } = this;
    for (; this.at < bytes.length; this.line += 1) {
      if (this.ended) return this.wrong('there is something after # EOF');
      const known = sink.known(bytes, this.at);
      if (known > 0 && bytes[known - 1] === NEWLINE) {
        this.at = known;
        continue;
      }
      const problem = known > 0 && this.isSeriesEnd(known) ? this.sample(known) : this.unknown(format);
      if (problem !== null) return this.wrong(problem);
      const ending = this.endLine();
      if (ending !== null) return this.wrong(ending);
    }
    if (format === 'openmetrics' && !this.ended) return 'the text does not end with # EOF: it may be cut off';
    return null;
  }

  private unknown(format: TextFormat): string | null {
    if (format === 'prometheus') this.skipBlanks();
    const code = this.bytes[this.at];
    if (code === HASH) return this.comment();
    if (code !== NEWLINE && code !== RETURN) return this.sample(this.seriesEnd());
    return format === 'openmetrics' ? 'an empty line' : null;
  }

  private wrong(problem: string): string {
    return `line ${this.line}: ${problem}`;
  }

  private endLine(): string | null {
    const { bytes } = this;
    if (bytes[this.at] === RETURN) this.at += 1;
    if (this.at >= bytes.length) {
      if (this.ended || this.format === 'openmetrics') return null;
      return bytes[this.at - 1] === NEWLINE ? null : 'no line end: the text may be cut off';
    }
    if (bytes[this.at] !== NEWLINE) return 'nothing more is expected on this line';
    this.at += 1;
    return null;
  }

  private skipBlanks(): void {
    const { bytes } = this;
    while (bytes[this.at] === SPACE || bytes[this.at] === TAB) this.at += 1;
  }

  /** The text of a series ends with its brace, or where it has none, with a blank that no brace follows. */
  private isSeriesEnd(end: number): boolean {
    const { bytes } = this;
    if (bytes[end - 1] === CLOSE) return true;
    let at = end;
    while (bytes[at] === SPACE || bytes[at] === TAB) at += 1;
    return at > end && bytes[at] !== OPEN;
  }

  private number(): number | null {
    const value = this.numbers.read(this.at);
    this.at = this.numbers.end;
    return value;
  }

  private sample(seriesEnd: number): string | null {
    const { bytes, sink } = this;
    if (seriesEnd <= this.at) return 'a metric name is expected';
    const unreadable = sink.series(bytes, this.at, seriesEnd);
    if (unreadable !== null) return unreadable;
    this.at = seriesEnd;
    this.skipBlanks();
    const value = this.number();
    if (value === null) return 'a value is expected';
    if (bytes[this.at] === NEWLINE) {
      sink.sample(value, null, 0);
      return null;
    }
    this.skipBlanks();
    let at: Millis | null = null;
    const code = bytes[this.at];
    if (code !== NEWLINE && code !== RETURN && code !== HASH && code !== undefined) {
      at = this.moment();
      if (at === null)
        return this.format === 'openmetrics' ? 'a timestamp in seconds is expected' : 'a timestamp in milliseconds is expected';
      this.skipBlanks();
    }
    sink.sample(value, at, 0);
    return this.format === 'openmetrics' && bytes[this.at] === HASH ? this.exemplar() : null;
  }

  private moment(): Millis | null {
    const from = this.at;
    const value = this.number();
    if (value === null) return null;
    if (this.format === 'openmetrics') return momentOf(value);
    for (let at = from; at < this.at; at += 1) {
      const byte = this.bytes[at] ?? 0;
      if ((byte < ZERO || byte > NINE) && !(at === from && byte === MINUS)) return null;
    }
    return this.at - from <= LONGEST_MOMENT ? value : null;
  }

  /** Where the text of a series ends: with its closing brace, or before a blank where there are no braces. */
  private seriesEnd(): number {
    const { bytes } = this;
    for (let at = this.at; ; at += 1) {
      const code = bytes[at];
      if (code === OPEN) return this.bracesEnd(at);
      if (code === NEWLINE || code === RETURN || code === undefined) return at;
      if (code !== SPACE && code !== TAB) continue;
      const end = at;
      while (bytes[at] === SPACE || bytes[at] === TAB) at += 1;
      return bytes[at] === OPEN ? this.bracesEnd(at) : end;
    }
  }

  /** Behind the brace that closes those that open here; -1: there is none. */
  private bracesEnd(open: number): number {
    const { bytes } = this;
    let isQuoted = false;
    for (let at = open + 1; at < bytes.length; at += 1) {
      const code = bytes[at];
      if (code === NEWLINE) return -1;
      if (isQuoted) {
        if (code === BACKSLASH) at += 1;
        else if (code === QUOTE) isQuoted = false;
      } else if (code === QUOTE) isQuoted = true;
      else if (code === CLOSE) return at + 1;
    }
    return -1;
  }

  /** `# {trace_id="x"} 0.5 1700000000.123`; only a counter or a bucket has one, but nothing is lost by reading others. */
  private exemplar(): string | null {
    const line = this.restOfLine();
    if (line === null) return NOT_UTF8;
    const [, braces = '', value = '', moment] = EXEMPLAR.exec(line) ?? [];
    if (braces === '') return 'the labels of an exemplar are expected';
    const labels = readSeriesText(`exemplar${braces}`, 0, EXEMPLAR_LABELS);
    if ('problem' in labels) return `exemplar: ${labels.problem}`;
    const number = parseSampleValue(value);
    if (number === null) return 'the value of an exemplar is expected';
    const seconds = moment === undefined ? null : parseSampleValue(moment);
    const at = seconds === null ? null : momentOf(seconds);
    if (moment !== undefined && at === null) return 'the timestamp of an exemplar is expected';
    const { __name__: _, ...rest } = labels.labels;
    this.sink.exemplar({ labels: rest, value: number, at });
    return null;
  }

  /** What is left of the line, without its end; null: it is not UTF-8. */
  private restOfLine(): string | null {
    const { bytes } = this;
    const from = this.at;
    const found = bytes.indexOf(NEWLINE, from);
    this.at = found < 0 ? bytes.length : found;
    if (bytes[this.at - 1] === RETURN) this.at -= 1;
    return decodeUtf8(bytes, from, this.at);
  }

  private comment(): string | null {
    const { format } = this;
    const from = this.at;
    const line = this.restOfLine();
    if (line === null) return NOT_UTF8;
    if (format === 'openmetrics' && line === '# EOF') {
      this.ended = true;
      return null;
    }
    const said = parseFamilyLine(line, format);
    if (typeof said === 'string') return said;
    const end = this.bytes[this.at] === RETURN ? this.at + 2 : this.at + 1;
    if (said !== null && end <= this.bytes.length) this.sink.family(said, this.bytes, from, end);
    return null;
  }
}

/** What a line that begins with `#` says of a family; null: nothing; a text is what is wrong with it. */
function parseFamilyLine(line: string, format: TextFormat): FamilyLine | string | null {
  const [, keyword = '', quoted, plain, text = ''] = COMMENT.exec(line) ?? [];
  const name = quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
  if (name === undefined) return format === 'openmetrics' ? '# TYPE, # HELP, # UNIT or # EOF is expected' : null;
  if (keyword === 'TYPE') {
    const type = text.trim();
    const known = format === 'openmetrics' ? OPENMETRICS_TYPES : PROMETHEUS_TYPES;
    if (!known.has(type)) return `unknown type ${JSON.stringify(type.slice(0, 100))}`;
    return { kind: 'type', name, text: type === 'untyped' ? 'unknown' : type };
  }
  if (keyword === 'HELP') {
    const help = text.replaceAll(/\\([n\\"])/g, (_, char: string) => (char === 'n' ? '\n' : char));
    return { kind: 'help', name, text: help };
  }
  if (format === 'prometheus') return null;
  if (text !== '' && !name.endsWith(`_${text}`)) return `the unit ${text.slice(0, 100)} is not the end of the name ${name.slice(0, 100)}`;
  return { kind: 'unit', name, text };
}

function momentOf(seconds: number): Millis | null {
  return Math.abs(seconds) <= LATEST_SECONDS ? Math.trunc(seconds * 1000) : null;
}

const COMMENT = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+(?:"((?:[^"\\]|\\.)*)"|([a-zA-Z_:][\w:]*))(?:[ \t]+(.*))?$/;
const EXEMPLAR = /^#[ \t]*(\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})[ \t]*([^ \t]*)(?:[ \t]+([^ \t]+))?[ \t]*$/;
