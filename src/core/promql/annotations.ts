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

/** Remarks about a query that was answered nevertheless; each text once, with the place where it was noted last, as Prometheus has them. */
export class Annotations {
  /** Places by texts. */
  readonly #warnings = new Map<string, string>();
  readonly #infos = new Map<string, string>();
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

  /** An info about mended buckets; those of the same text are told as one, with the place of the first. */
  mended(message: string, span: Span, mending: Mending): void {
    const text = `PromQL info: ${message}`;
    const known = this.#mendings.get(text);
    if (known !== undefined) this.#mendings.set(text, { place: known.place, mending: joinMendings(known.mending, mending) });
    else if (this.#mendings.size < LIMIT) this.#mendings.set(text, { place: this.#placeOf(span), mending });
  }

  get warnings(): string[] {
    return [...this.#warnings].map(([text, place]) => `${text} ${place}`);
  }

  get infos(): string[] {
    const infos = [...this.#infos].map(([text, place]) => `${text} ${place}`);
    const mended = [...this.#mendings].map(([text, { place, mending }]) => `${text}${showMending(mending)} ${place}`);
    return [...infos, ...mended].slice(0, LIMIT);
  }

  #add(notes: Map<string, string>, message: string, span: Span): void {
    if (notes.has(message) || notes.size < LIMIT) notes.set(message, this.#placeOf(span));
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
