import type { Labels } from '../base/labels.ts';
import type { Parsed, Problem } from '../base/problem.ts';
import type { Millis } from '../base/time.ts';
import { readSeriesText } from './series-text.ts';

/** One line of an exposition: a series (its labels hold the metric's name), its value, and the moment if the line gives one. */
export interface ExpositionSample {
  readonly labels: Labels;
  readonly value: number;
  readonly at: Millis | null;
}

/** What `# TYPE` and `# HELP` say about a metric. */
export interface ExpositionFamily {
  readonly type: ExpositionType;
  readonly help: string;
}

const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'] as const;
type ExpositionType = (typeof TYPES)[number];

/** A text in Prometheus' exposition format: its samples in the order of the lines, its families by name. */
export interface Exposition {
  readonly samples: readonly ExpositionSample[];
  readonly families: ReadonlyMap<string, ExpositionFamily>;
}

/** Bounds of a text that comes from outside; beyond one of them it is refused. Lengths are in UTF-16 code units. */
export interface ExpositionLimits {
  readonly samples: number;
  readonly labels: number;
  readonly lineLength: number;
}

const DEFAULT_LIMITS: ExpositionLimits = { samples: 100_000, labels: 64, lineLength: 16_384 };
const MOST_PROBLEMS = 20;

/**
 * Reads the text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). One bad line makes the whole text void, and every bad
 * line up to a limit is told. A text that does not end with a line end was perhaps cut off, and is void too. Empty label values are left out.
 */
export function parseExposition(text: string, limits: ExpositionLimits = DEFAULT_LIMITS): Parsed<Exposition> {
  const reading = new Reading(limits);
  let line = 1;
  for (let from = 0; from < text.length && reading.problems.length < MOST_PROBLEMS; line++) {
    const end = text.indexOf('\n', from);
    if (end < 0) {
      reading.fail({ message: 'the last line has no line end: the text may be cut off', line });
      break;
    }
    reading.line(text.slice(from, text[end - 1] === '\r' ? end - 1 : end), line);
    from = end + 1;
  }
  const { samples, families, problems } = reading;
  return { value: problems.length === 0 ? { samples, families } : null, problems };
}

const BLANK = /[ \t]*/y;
const WORD = /[^ \t]+/y;
const COMMENT = /^[ \t]*#[ \t]+(HELP|TYPE)[ \t]+(?:"((?:[^"\\]|\\.)*)"|([a-zA-Z_:][\w:]*))(?:[ \t]+(.*))?$/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

/** The state of reading one text; `at` is the position within the current line. */
class Reading {
  readonly samples: ExpositionSample[] = [];
  readonly families = new Map<string, ExpositionFamily>();
  readonly problems: Problem[] = [];
  private readonly limits: ExpositionLimits;
  private text = '';
  private number = 0;
  private at = 0;

  constructor(limits: ExpositionLimits) {
    this.limits = limits;
  }

  fail(problem: Problem): void {
    this.problems.push(problem);
  }

  line(text: string, number: number): void {
    this.text = text;
    this.number = number;
    this.at = 0;
    if (text.length > this.limits.lineLength) return this.wrong(`the line is longer than ${this.limits.lineLength} characters`);
    this.take(BLANK);
    if (this.at === text.length) return;
    const problem = text[this.at] === '#' ? this.comment() : this.sample();
    if (problem !== null) this.wrong(problem);
  }

  private wrong(message: string): void {
    this.problems.push({ message, line: this.number, column: this.at + 1 });
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private comment(): string | null {
    const [, keyword, quoted, plain, rest] = COMMENT.exec(this.text) ?? [];
    const name = quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char);
    if (name === undefined) return null;
    const family = this.families.get(name) ?? { type: 'untyped', help: '' };
    if (keyword === 'HELP') {
      this.families.set(name, { ...family, help: (rest ?? '').replace(/\\([n\\])/g, (_, char: string) => ESCAPES[char] ?? '') });
      return null;
    }
    const type = TYPES.find((known) => known === rest?.trim());
    if (type === undefined) return `unknown type ${JSON.stringify(rest?.trim() ?? '')}`;
    this.families.set(name, { ...family, type });
    return null;
  }

  private sample(): string | null {
    if (this.samples.length >= this.limits.samples) return `more than ${this.limits.samples} samples`;
    const series = readSeriesText(this.text, this.at, this.limits.labels);
    this.at = 'end' in series ? series.end : series.at;
    if ('problem' in series) return series.problem;
    const isApart = this.take(BLANK) !== '' || this.text[this.at - 1] === '}';
    const value = isApart ? parseSampleValue(this.take(WORD)) : null;
    if (value === null) return 'a value is expected';
    this.take(BLANK);
    const time = this.take(WORD);
    if (time !== '' && !/^-?\d{1,16}$/.test(time)) return 'a timestamp in milliseconds is expected';
    this.take(BLANK);
    if (this.at < this.text.length) return 'nothing more is expected on this line';
    this.samples.push({ labels: series.labels, value, at: time === '' ? null : Number(time) });
    return null;
  }
}

/** The value of a sample as Go's ParseFloat reads it, without hexadecimal numbers; null when it is none. */
export function parseSampleValue(text: string): number | null {
  const value = Number(text);
  // Number also reads blanks, 0x10, 0b1 and 0o7.
  if (value === value && text !== '') return BASED.test(text) ? null : value;
  const [, sign, word] = /^([+-]?)(nan|inf|infinity)$/i.exec(text) ?? [];
  if (word === undefined) return null;
  if (word.toLowerCase() === 'nan') return Number.NaN;
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

const BASED = /^0[xXbBoO]|\s/;
