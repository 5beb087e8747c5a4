import { NAME } from '../base/labels.ts';

/** A series as an exposition writes it, and where in the text it ends. */
export interface SeriesText {
  readonly labels: Record<string, string>;
  readonly end: number;
}

/** What is wrong with the text of a series, and where. */
export interface SeriesTextProblem {
  readonly problem: string;
  readonly at: number;
}

const METRIC_NAME = /[a-zA-Z_:][\w:]*/y;
const LABEL_NAME = /[a-zA-Z_]\w*/y;
const BLANK = /[ \t]*/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

/**
 * Reads `name{label="value"}` from `at` on, also with names in quotes (`{"a.name","a.label"="value"}`) as Prometheus 3 writes what is not
 * made of ASCII letters, digits and `_`. Labels with an empty value are left out.
 */
export function readSeriesText(text: string, at: number, mostLabels: number): SeriesText | SeriesTextProblem {
  return new Reading(text, at).series(mostLabels);
}

/** `{"name","label"="value"}`: the text that `readSeriesText` reads back; names that need no quotes have none. */
export function formatSeriesText(name: string, labels: readonly (readonly [string, string])[]): string {
  const pairs = labels.map(([label, value]) => `${isWhole(LABEL_NAME, label) ? label : quote(label)}=${quote(value)}`);
  if (!isWhole(METRIC_NAME, name)) return `{${[quote(name), ...pairs].join(',')}}`;
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}

function isWhole(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.exec(text)?.[0].length === text.length && text !== '';
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

class Reading {
  private readonly text: string;
  private at: number;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  series(mostLabels: number): SeriesText | SeriesTextProblem {
    const name = this.take(METRIC_NAME);
    const labels: Record<string, string> = name === '' ? {} : { [NAME]: name };
    if (name === '' && this.text[this.at] !== '{') return this.wrong('a metric name is expected');
    const end = this.at;
    this.take(BLANK);
    if (!this.takeChar('{')) return { labels, end };
    const problem = this.pairs(labels, mostLabels);
    if (problem !== null) return this.wrong(problem);
    return labels[NAME] === undefined ? this.wrong('a metric name is expected') : { labels, end: this.at };
  }

  private wrong(problem: string): SeriesTextProblem {
    return { problem, at: this.at };
  }

  private pairs(into: Record<string, string>, mostLabels: number): string | null {
    const seen = new Set<string>();
    for (;;) {
      this.take(BLANK);
      if (this.takeChar('}')) return null;
      const problem = this.pair(into, seen, mostLabels);
      if (problem !== null) return problem;
      this.take(BLANK);
      if (!this.takeChar(',') && this.text[this.at] !== '}') return ', or } is expected';
    }
  }

  private pair(into: Record<string, string>, seen: Set<string>, mostLabels: number): string | null {
    const isQuoted = this.text[this.at] === '"';
    const name = isQuoted ? this.quoted() : this.take(LABEL_NAME);
    if (name === null || name === '') return isQuoted ? 'a name in double quotes is expected' : 'a label name or } is expected';
    this.take(BLANK);
    if (isQuoted && this.text[this.at] !== '=') {
      if (into[NAME] !== undefined) return 'the metric name is given twice';
      into[NAME] = name;
      return null;
    }
    if (name === NAME || seen.has(name)) return `the label ${name} is given twice`;
    if (seen.size >= mostLabels) return `more than ${mostLabels} labels`;
    seen.add(name);
    if (!this.takeChar('=')) return '= is expected';
    this.take(BLANK);
    const value = this.quoted();
    if (value === null) return 'a text in double quotes is expected, with \\\\, \\" and \\n as the only escapes';
    if (value !== '') into[name] = value;
    return null;
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private takeChar(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  private quoted(): string | null {
    if (!this.takeChar('"')) return null;
    let value = '';
    for (let from = this.at; this.at < this.text.length; this.at++) {
      const char = this.text[this.at];
      if (char !== '"' && char !== '\\') continue;
      value += this.text.slice(from, this.at);
      if (char === '"') {
        this.at += 1;
        return value;
      }
      this.at += 1;
      const escaped = ESCAPES[this.text[this.at] ?? ''];
      if (escaped === undefined) return null;
      value += escaped;
      from = this.at + 1;
    }
    return null;
  }
}
