import type { Span } from './ast.ts';
import { placeOf } from './parse-state.ts';
import { formatQuoted } from './quote.ts';

/** How many different notes of each kind an answer carries. */
const LIMIT = 100;

/** Remarks about a query that was answered nevertheless; each text once. */
export class Annotations {
  readonly #warnings = new Set<string>();
  readonly #infos = new Set<string>();
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

  get warnings(): string[] {
    return [...this.#warnings];
  }

  get infos(): string[] {
    return [...this.#infos];
  }

  #add(set: Set<string>, message: string, span: Span): void {
    if (set.size >= LIMIT) return;
    const { line, column } = placeOf(this.#text, span.from);
    set.add(`${message} (${line}:${column})`);
  }
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
