import type { Millis } from '../../base/time.ts';
import type { BucketStretch } from '../../promql/buckets.ts';

/** What is kept of one resolution: samples, or buckets of one width, after `from` up to `until`. */
export interface TierKept {
  /** The width of the buckets; 0 = the samples as they came. */
  readonly every: Millis;
  readonly from: Millis;
  readonly until: Millis;
}

/** What a selector is read for. */
export interface TierWish {
  /** The function directly around a range selector, '' for an instant selector. */
  readonly func: string;
  /** The length of the range selector, 0 for an instant selector. */
  readonly range: Millis;
  /** The ends of the windows, or the instants; null: every sample may matter. */
  readonly grid: { readonly start: Millis; readonly step: Millis } | null;
}

/** Functions that buckets answer as exactly as samples do, when windows begin and end where buckets end. */
const EXACT: ReadonlySet<string> = new Set([
  '',
  'absent_over_time',
  'avg_over_time',
  'count_over_time',
  'delta',
  'first_over_time',
  'increase',
  'last_over_time',
  'max_over_time',
  'min_over_time',
  'present_over_time',
  'rate',
  'sum_over_time',
  'ts_of_first_over_time',
  'ts_of_last_over_time',
]);

/** Can buckets answer the wish exactly, if only its windows begin and end where buckets end? */
export function isAnswerable({ func, range, grid }: TierWish): boolean {
  return grid !== null && EXACT.has(func) && (func !== '' || range === 0);
}

/** Is nothing lost when the selector is read from buckets of this width? */
export function isExact(wish: TierWish, every: Millis): boolean {
  const { grid, range } = wish;
  if (every === 0) return true;
  if (grid === null || !isAnswerable(wish)) return false;
  return grid.start % every === 0 && grid.step % every === 0 && range % every === 0;
}

/**
 * At which resolution each part of the window after `from` up to `to` is read: the coarsest that answers exactly; where there is none, the
 * samples; where those are gone, the finest that is kept. Stretches follow each other without gaps.
 *
 * `kept` begins with the samples and goes on from fine to coarse.
 */
export function chooseTiers(
  wish: TierWish,
  window: { readonly from: Millis; readonly to: Millis },
  kept: readonly TierKept[],
): BucketStretch[] {
  const cuts = new Set([window.from, window.to]);
  for (const { from, until } of kept) for (const cut of [from, until]) if (cut > window.from && cut < window.to) cuts.add(cut);
  const moments = [...cuts].sort((a, b) => a - b);
  const stretches: BucketStretch[] = [];
  for (let i = 0; i + 1 < moments.length; i += 1) {
    const [from, to] = [moments[i] ?? 0, moments[i + 1] ?? 0];
    const there = kept.filter((one) => one.from <= from && one.until >= to);
    // Before everything that is kept there is nothing to choose.
    if (there.length === 0 && stretches.length === 0 && i + 2 < moments.length) continue;
    const every = (there.findLast((one) => isExact(wish, one.every)) ?? there[0])?.every ?? 0;
    const last = stretches.at(-1);
    if (last?.every === every) stretches[stretches.length - 1] = { ...last, to };
    else stretches.push({ every, from: stretches.length === 0 ? window.from : from, to });
  }
  return stretches;
}
