import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import type { CompiledMatcher } from '../promql/matcher.ts';
import type { Head } from './head.ts';
import type { SelectorCache } from './selector-cache.ts';

/** Which series a listing is about: those that satisfy one of the sets of matchers (all, when there is none) and have samples around the window. */
export interface ListingQuery {
  readonly sets: readonly (readonly CompiledMatcher[])[];
  readonly from: Millis;
  readonly to: Millis;
  /** At most so many results. */
  readonly limit: number;
}

/** The label sets of the series. */
export function listSeries(head: Head, selectors: SelectorCache, query: ListingQuery): Labels[] {
  const found: Labels[] = [];
  for (const ref of listedRefs(head, selectors, query)) {
    if (found.length >= query.limit) break;
    found.push(head.table.labels(ref));
  }
  return found;
}

/** The names of the labels that the series have, sorted. */
export function listLabelNames(head: Head, selectors: SelectorCache, query: ListingQuery): string[] {
  if (query.sets.length === 0 && coversAll(head, query)) return head.table.index.labelNames().slice(0, query.limit);
  const names = new Set<string>();
  for (const ref of listedRefs(head, selectors, query)) for (const name of Object.keys(head.table.labels(ref))) names.add(name);
  return [...names].sort().slice(0, query.limit);
}

/** The values that a label has in the series, sorted. */
export function listLabelValues(head: Head, selectors: SelectorCache, query: ListingQuery & { readonly name: string }): string[] {
  const { name, limit } = query;
  const { index, count } = head.table;
  if (query.sets.length === 0) {
    const all = index.labelValues(name);
    if (coversAll(head, query)) return all.slice(0, limit);
    // A value is settled by the first of its series; where there is nearly one series for each, looking at all is quicker.
    if (all.length * FEW_VALUES < count)
      return all.filter((value) => hasSamples(head, query, index.select([isValue(name, value)], count))).slice(0, limit);
  }
  const values = new Set<string>();
  for (const ref of listedRefs(head, selectors, query)) {
    const value = head.table.labels(ref)[name];
    if (value !== undefined) values.add(value);
  }
  return [...values].sort().slice(0, limit);
}

/** Series for each value of a label from which on its values are few. */
const FEW_VALUES = 8;

function isValue(name: string, value: string): CompiledMatcher {
  return { name, op: '=', value, test: (text) => text === value, literals: [value], prefix: value };
}

function hasSamples(head: Head, query: ListingQuery, refs: Uint32Array): boolean {
  const parts = partsAround(head, query);
  return refs.some((ref) => parts.some((part) => part.has(ref)));
}

function coversAll(head: Head, { from, to }: ListingQuery): boolean {
  return !head.hasSilent && head.holders.every((part) => part.minTime >= from && part.maxTime <= to);
}

function partsAround(head: Head, { from, to }: ListingQuery): Head['holders'] {
  return head.holders.filter((part) => part.minTime <= to && part.maxTime >= from);
}

function* listedRefs(head: Head, selectors: SelectorCache, query: ListingQuery): Generator<number> {
  const { sets } = query;
  const parts = partsAround(head, query);
  const seen = sets.length > 1 ? new Set<number>() : null;
  for (const matchers of sets.length === 0 ? [[]] : sets) {
    for (const ref of selectors.refs(matchers)) {
      if (seen?.has(ref) === true || !parts.some((part) => part.has(ref))) continue;
      seen?.add(ref);
      yield ref;
    }
  }
}
