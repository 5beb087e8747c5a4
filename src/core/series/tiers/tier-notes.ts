import type { Millis } from '../../base/time.ts';
import { formatTier, type TierPlan } from './tier-reader.ts';

/** From what one selector was answered: the widths of the buckets (0: samples), and what is said about it ('' = nothing). */
export interface TierUse {
  readonly widths: readonly Millis[];
  readonly remark: string;
}

const REMARKS_LIMIT = 20;

/** The use of a plan; null stands for the samples alone. */
export function tierUseOf(plan: TierPlan | null): TierUse {
  if (plan === null) return { widths: [0], remark: '' };
  return { widths: [...new Set(plan.stretches.map(({ every }) => every))], remark: plan.remark };
}

/** Collects from what the selectors of a query were answered. */
export class TierNotes {
  private readonly widths = new Set<Millis>();
  private readonly remarks = new Set<string>();

  clear(): void {
    this.widths.clear();
    this.remarks.clear();
  }

  add({ widths, remark }: TierUse): void {
    for (const every of widths) this.widths.add(every);
    if (remark !== '' && this.remarks.size < REMARKS_LIMIT) this.remarks.add(remark);
  }

  /** `raw`, `5m`, ..., from fine to coarse. */
  get tiers(): string[] {
    return [...this.widths].sort((a, b) => a - b).map(formatTier);
  }

  /** For the infos of an answer. */
  get infos(): string[] {
    return [...this.remarks].map((remark) => `PromQL info: ${remark}`);
  }
}
