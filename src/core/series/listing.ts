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
  if (query.sets.length === 0 && coversAll(head, query)) return head.table.index.labelValues(query.name).slice(0, query.limit);
  const values = new Set<string>();
  for (const ref of listedRefs(head, selectors, query)) {
    const value = head.table.labels(ref)[query.name];
    if (value !== undefined) values.add(value);
  }
  return [...values].sort().slice(0, query.limit);
}

function coversAll(head: Head, { from, to }: ListingQuery): boolean {
  return !head.hasSilent && head.holders.every((part) => part.minTime >= from && part.maxTime <= to);
}

function* listedRefs(head: Head, selectors: SelectorCache, { sets, from, to }: ListingQuery): Generator<number> {
  const parts = head.holders.filter((part) => part.minTime <= to && part.maxTime >= from);
  const seen = sets.length > 1 ? new Set<number>() : null;
  for (const matchers of sets.length === 0 ? [[]] : sets) {
    for (const ref of selectors.refs(matchers)) {
      if (seen?.has(ref) === true || !parts.some((part) => part.has(ref))) continue;
      seen?.add(ref);
      yield ref;
    }
  }
}
