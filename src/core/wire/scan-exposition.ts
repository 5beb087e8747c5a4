import type { Millis } from '../base/time.ts';
import { parseSampleValue } from './exposition.ts';
import { readSeriesText } from './series-text.ts';

/** What a scan finds, in the order of the text. A text that one of them gives back ends the scan with it as the problem. */
export interface ScanSink {
  /** `series` is the text before the value, the same for the same series of the same source. A `start` of 0: not known when its counter started. */
  sample(series: string, value: number, at: Millis | null, start: Millis): string | null;
  /** A native histogram: a remote-write `Histogram` message without its moment. */
  histogram(series: string, message: Uint8Array, at: Millis | null, start: Millis): string | null;
  /** Belongs to the sample or histogram before. */
  exemplar(exemplar: Exemplar): void;
  /** What the families of the samples that follow are. */
  family(kind: 'type' | 'help' | 'unit', name: string, text: string): void;
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
export function scanExposition(text: string, format: TextFormat, sink: ScanSink): string | null {
  return new Scanner(text, format, sink).scan();
}

class Scanner {
  private at = 0;
  private line = 1;
  private ended = false;
  private readonly text: string;
  private readonly format: TextFormat;
  private readonly sink: ScanSink;

  constructor(text: string, format: TextFormat, sink: ScanSink) {
    this.text = text;
    this.format = format;
    this.sink = sink;
  }

  scan(): string | null {
    const { text, format } = this;
    for (; this.at < text.length; this.line += 1) {
      if (this.ended) return this.wrong('there is something after # EOF');
      if (format === 'prometheus') this.skipBlanks();
      const code = text.charCodeAt(this.at);
      let problem: string | null = null;
      if (code === HASH) problem = this.comment();
      else if (code !== NEWLINE && code !== RETURN) problem = this.sample();
      else if (format === 'openmetrics') problem = 'an empty line';
      if (problem !== null) return this.wrong(problem);
      problem = this.endLine();
      if (problem !== null) return this.wrong(problem);
    }
    if (format === 'openmetrics' && !this.ended) return 'the text does not end with # EOF: it may be cut off';
    return null;
  }

  private wrong(problem: string): string {
    return `line ${this.line}: ${problem}`;
  }

  private endLine(): string | null {
    const { text } = this;
    if (text.charCodeAt(this.at) === RETURN) this.at += 1;
    if (this.at >= text.length) {
      if (this.ended || this.format === 'openmetrics') return null;
      return text.charCodeAt(this.at - 1) === NEWLINE ? null : 'no line end: the text may be cut off';
    }
    if (text.charCodeAt(this.at) !== NEWLINE) return 'nothing more is expected on this line';
    this.at += 1;
    return null;
  }

  private skipBlanks(): void {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code !== SPACE && code !== TAB) return;
      this.at += 1;
    }
  }

  /** Up to the next blank or line end. */
  private word(): string {
    const { text } = this;
    const from = this.at;
    for (; this.at < text.length; this.at += 1) {
      const code = text.charCodeAt(this.at);
      if (code === SPACE || code === TAB || code === NEWLINE || code === RETURN) break;
    }
    return text.slice(from, this.at);
  }

  private sample(): string | null {
    const series = this.series();
    if (series === '') return 'a metric name is expected';
    this.skipBlanks();
    const value = parseSampleValue(this.word());
    if (value === null) return 'a value is expected';
    this.skipBlanks();
    let at: Millis | null = null;
    const code = this.text.charCodeAt(this.at);
    if (code !== NEWLINE && code !== RETURN && code !== HASH && this.at < this.text.length) {
      at = this.moment(this.word());
      if (at === null)
        return this.format === 'openmetrics' ? 'a timestamp in seconds is expected' : 'a timestamp in milliseconds is expected';
      this.skipBlanks();
    }
    const problem = this.sink.sample(series, value, at, 0);
    if (problem !== null) return problem;
    return this.format === 'openmetrics' && this.text.charCodeAt(this.at) === HASH ? this.exemplar() : null;
  }

  private moment(word: string): Millis | null {
    if (this.format === 'prometheus') return /^-?\d{1,16}$/.test(word) ? Number(word) : null;
    const seconds = parseSampleValue(word);
    return seconds === null || !(Math.abs(seconds) <= LATEST_SECONDS) ? null : Math.trunc(seconds * 1000);
  }

  /** The text of a series: up to its closing brace, or up to a blank where there are no braces. */
  private series(): string {
    const { text } = this;
    const from = this.at;
    for (; this.at < text.length; this.at += 1) {
      const code = text.charCodeAt(this.at);
      if (code === OPEN) return this.braces(from);
      if (code === NEWLINE || code === RETURN) break;
      if (code === SPACE || code === TAB) {
        const end = this.at;
        this.skipBlanks();
        if (text.charCodeAt(this.at) === OPEN) return this.braces(from);
        return text.slice(from, end);
      }
    }
    return text.slice(from, this.at);
  }

  private braces(from: number): string {
    const { text } = this;
    let isQuoted = false;
    for (this.at += 1; this.at < text.length; this.at += 1) {
      const code = text.charCodeAt(this.at);
      if (code === NEWLINE) return '';
      if (isQuoted) {
        if (code === BACKSLASH) this.at += 1;
        else if (code === QUOTE) isQuoted = false;
      } else if (code === QUOTE) isQuoted = true;
      else if (code === CLOSE) {
        this.at += 1;
        return text.slice(from, this.at);
      }
    }
    return '';
  }

  /** `# {trace_id="x"} 0.5 1700000000.123`; only a counter or a bucket has one, but nothing is lost by reading others. */
  private exemplar(): string | null {
    this.at += 1;
    this.skipBlanks();
    if (this.text.charCodeAt(this.at) !== OPEN) return 'the labels of an exemplar are expected';
    const labels = readSeriesText(`exemplar${this.braces(this.at)}`, 0, EXEMPLAR_LABELS);
    if ('problem' in labels) return `exemplar: ${labels.problem}`;
    this.skipBlanks();
    const value = parseSampleValue(this.word());
    if (value === null) return 'the value of an exemplar is expected';
    this.skipBlanks();
    const word = this.word();
    const at = word === '' ? null : this.moment(word);
    if (word !== '' && at === null) return 'the timestamp of an exemplar is expected';
    const { __name__: _, ...rest } = labels.labels;
    this.sink.exemplar({ labels: rest, value, at });
    return null;
  }

  private comment(): string | null {
    const { text, format } = this;
    const end = text.indexOf('\n', this.at);
    const line = text.slice(this.at, end < 0 ? text.length : end).replace(/\r$/, '');
    this.at += line.length;
    if (format === 'openmetrics' && line === '# EOF') {
      this.ended = true;
      return null;
    }
    const [, keyword = '', quoted, plain, rest = ''] = COMMENT.exec(line) ?? [];
    const name = quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
    if (name === undefined) return format === 'openmetrics' ? '# TYPE, # HELP, # UNIT or # EOF is expected' : null;
    return this.family(keyword, name, rest);
  }

  private family(keyword: string, name: string, text: string): string | null {
    if (keyword === 'TYPE') {
      const type = text.trim();
      const known = this.format === 'openmetrics' ? OPENMETRICS_TYPES : PROMETHEUS_TYPES;
      if (!known.has(type)) return `unknown type ${JSON.stringify(type.slice(0, 100))}`;
      this.sink.family('type', name, type === 'untyped' ? 'unknown' : type);
    } else if (keyword === 'UNIT') {
      if (this.format === 'prometheus') return null;
      if (text !== '' && !name.endsWith(`_${text}`))
        return `the unit ${text.slice(0, 100)} is not the end of the name ${name.slice(0, 100)}`;
      this.sink.family('unit', name, text);
    } else
      this.sink.family(
        'help',
        name,
        text.replaceAll(/\\([n\\"])/g, (_, char: string) => (char === 'n' ? '\n' : char)),
      );
    return null;
  }
}

const COMMENT = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+(?:"((?:[^"\\]|\\.)*)"|([a-zA-Z_:][\w:]*))(?:[ \t]+(.*))?$/;
