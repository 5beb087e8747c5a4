import { DAY, type Millis } from '../../core/base/time.ts';
import type { Matcher } from '../../core/promql/matcher.ts';
import type { Head } from '../../core/series/head.ts';
import { heldStretches } from '../../core/series/hold.ts';
import { type DeletionAsk, deletedRefs } from './deletion.ts';
import type { Keeper } from './keeper.ts';

/** Series that are kept shorter than others. */
export interface MatchRule {
  /** As it was written. */
  readonly match: string;
  readonly matchers: readonly Matcher[];
  readonly keep: Millis;
}

/** Finds out, once a day, what of the series that are kept shorter is over. */
export class MatchedExpiry {
  private readonly rules: readonly MatchRule[];
  private readonly done = new Map<MatchRule, Millis>();

  constructor(rules: readonly MatchRule[]) {
    this.rules = rules;
  }

  /** What is to be deleted now, whole days in samples and tiers alike and nothing that is held, and by which rule. */
  due(
    { head, keeper }: { readonly head: Head; readonly keeper: Keeper },
    now: Millis,
  ): readonly (DeletionAsk & { readonly rule: MatchRule; readonly before: Millis })[] {
    return this.rules.flatMap((rule) => {
      const to = Math.floor((now - rule.keep) / DAY) * DAY;
      if (this.done.get(rule) === to) return [];
      this.done.set(rule, to);
      const all = [...keeper.blocks.blocks, ...keeper.unwritten, ...(keeper.tiers?.files ?? [])];
      return heldStretches(keeper.holds.list, 0, to).flatMap((stretch) => {
        const holders = all.filter(({ minTime, maxTime }) => minTime <= stretch.to && maxTime >= stretch.from);
        const except = stretch.holds.flatMap(({ selectors }) => selectors);
        const ask = { selectors: [rule.matchers], from: stretch.from, to: stretch.to, ...(except.length > 0 && { except }) };
        const refs = holders.length === 0 ? [] : deletedRefs(head, ask);
        return refs.some((ref) => holders.some((holder) => holder.has(ref))) ? [{ ...ask, rule, before: to }] : [];
      });
    });
  }
}
