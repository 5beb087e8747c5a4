import type { Labels } from './labels.ts';
import { labelsKey } from './labels.ts';

/** What one number counts or measures. */
export interface Metric {
  /** In Prometheus' style: `tocsin_http_requests_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
}

/** The numbers of one metric, one for each label set. */
interface Family {
  readonly metric: Metric;
  readonly values: Map<string, { readonly labels: Labels; value: number }>;
}

/** The numbers that a program counts about itself, by the name of the metric. */
export type Counters = Map<string, Family>;

/** Label sets of one metric beyond this are counted together under `overflow="true"`. */
const MOST_SERIES = 1_000;
const OVERFLOW: Labels = { overflow: 'true' };

/** Adds to a number, which begins at 0. */
export function increase(counters: Counters, metric: Metric, labels: Labels = {}, by = 1): void {
  entryOf(counters, metric, labels).value += by;
}

/** Sets a number. */
export function measure(counters: Counters, metric: Metric, labels: Labels, value: number): void {
  entryOf(counters, metric, labels).value = value;
}

/** The number as it is; 0 when it was never touched. */
export function countOf(counters: Counters, metric: Metric, labels: Labels = {}): number {
  return counters.get(metric.name)?.values.get(labelsKey(labels))?.value ?? 0;
}

function entryOf(counters: Counters, metric: Metric, labels: Labels): { value: number } {
  let family = counters.get(metric.name);
  if (family === undefined) {
    family = { metric, values: new Map() };
    counters.set(metric.name, family);
  }
  const known = family.values.get(labelsKey(labels));
  if (known !== undefined) return known;
  const taken = family.values.size < MOST_SERIES ? labels : OVERFLOW;
  const key = labelsKey(taken);
  const entry = family.values.get(key) ?? { labels: taken, value: 0 };
  family.values.set(key, entry);
  return entry;
}
