import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import type { CompiledMatcher } from '../promql/matcher.ts';
import type { Exemplar } from './exemplars.ts';
import type { Head } from './head.ts';
import type { SelectorCache } from './selector-cache.ts';

/** A series and its exemplars, in the order of time. */
export interface SeriesExemplars {
  readonly labels: Labels;
  readonly exemplars: readonly Exemplar[];
}

/** Which exemplars: of the series that satisfy one of the selectors, both ends of the window included. */
export interface ExemplarQuery {
  readonly sets: readonly (readonly CompiledMatcher[])[];
  readonly from: Millis;
  readonly to: Millis;
}

/** The exemplars that are asked for; a series without any is left out. */
export function findExemplars(head: Head, selectors: SelectorCache, { sets, from, to }: ExemplarQuery): SeriesExemplars[] {
  const refs = new Set(sets.flatMap((matchers) => [...selectors.refs(matchers)]));
  const found: SeriesExemplars[] = [];
  for (const ref of head.exemplars.refs()) {
    const exemplars = refs.has(ref) ? head.exemplars.of(ref, from, to) : [];
    if (exemplars.length > 0) found.push({ labels: head.table.labels(ref), exemplars });
  }
  return found;
}
