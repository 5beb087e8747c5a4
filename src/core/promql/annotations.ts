import type { Span } from './ast.ts';
import { formatInstant } from '../base/calendar.ts';
import type { Millis } from '../base/time.ts';
import { formatShortest, formatTwoDigits } from './number.ts';
import { placeOf } from './parse-state.ts';
import { formatQuoted } from './quote.ts';

/** How many different notes of each kind an answer carries. */
const LIMIT = 100;

/** Which buckets had to be mended, by how much at most, and in samples of which times. */
export interface Mending {
  readonly lowest: number;
  readonly highest: number;
  readonly difference: number;
  readonly first: Millis;
  readonly last: Millis;
  readonly samples: number;
}

/** Remarks about a query that was answered nevertheless; each text once. */
export class Annotations {
  readonly #warnings = new Set<string>();
  readonly #infos = new Set<string>();
  readonly #mendings = new Map<string, { readonly place: string; readonly mending: Mending }>();
  readonly #text: string;

  /** With the text of the expression, places are given as line and column. */
  constructor(text: string) {
    this.#text = text;
  }

  warn(message: string, span: Span): void {
    this.#add(this.#warnings, `PromQL warning: ${message}`, span);
  }

  info(message: string, span: Span): void {
    this.#add(this.#infos, `PromQL info: ${message}`, span);
  }

  /** An info about mended buckets; those of the same text and place are told as one. */
  mended(message: string, span: Span, mending: Mending): void {
    const text = `PromQL info: ${message}`;
    const place = this.#placeOf(span);
    const key = `${text}\0${place}`;
    const known = this.#mendings.get(key)?.mending;
    if (known === undefined && this.#mendings.size >= LIMIT) return;
    this.#mendings.set(key, { place, mending: known === undefined ? mending : joinMendings(known, mending) });
  }

  get warnings(): string[] {
    return [...this.#warnings];
  }

  get infos(): string[] {
    const mended = [...this.#mendings].map(
      ([key, { place, mending }]) => `${key.slice(0, key.indexOf('\0'))}${showMending(mending)} ${place}`,
    );
    return [...this.#infos, ...mended].slice(0, LIMIT);
  }

  #add(set: Set<string>, message: string, span: Span): void {
    if (set.size >= LIMIT) return;
    set.add(`${message} ${this.#placeOf(span)}`);
  }

  #placeOf(span: Span): string {
    const { line, column } = placeOf(this.#text, span.from);
    return `(${line}:${column})`;
  }
}

function joinMendings(a: Mending, b: Mending): Mending {
  return {
    lowest: Math.min(a.lowest, b.lowest),
    highest: Math.max(a.highest, b.highest),
    difference: Math.max(a.difference, b.difference),
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
    samples: a.samples + b.samples,
  };
}

function showMending({ lowest, highest, difference, first, last, samples }: Mending): string {
  const second = (time: Millis): string => formatInstant(Math.trunc(time / 1000) * 1000).replace('.000Z', 'Z');
  return (
    `, from buckets ${formatShortest(lowest)} to ${formatShortest(highest)}, with a max diff of ${formatTwoDigits(difference)}, ` +
    `over ${samples} samples from ${second(first)} to ${second(last)}`
  );
}

/** The part of a note that names the metric. */
export function forMetric(name: string): string {
  return name === '' ? '' : ` for metric name ${formatQuoted(name)}`;
}

/** A range or aggregation held numbers and histograms together. */
export const MIXED = 'encountered a mix of histograms and floats';
/** Histograms with bounds that follow a formula and such with listed bounds met. */
export const MIXED_SCHEMAS = 'vector contains a mix of histograms with exponential and custom buckets schemas';
/** A counter function was given a histogram that is a gauge. */
export const NOT_COUNTER = 'this native histogram metric is not a counter:';
/** A gauge function was given a histogram that is a counter. */
export const NOT_GAUGE = 'this native histogram metric is not a gauge:';
/** A function for numbers met histograms among them. */
export const IGNORED_IN_RANGE = 'ignored histograms in a range containing both floats and histograms';
/** Histograms with different listed bounds were combined over the bounds they share. */
export const RECONCILED = 'mismatched custom buckets were reconciled during';
