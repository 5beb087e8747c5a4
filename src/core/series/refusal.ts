/** Why a series or a sample was not stored. */
export const REFUSALS = [
  'labels-malformed',
  'metric-name-missing',
  'too-many-labels',
  'label-name-too-long',
  'label-value-too-long',
  'labels-not-utf8',
  'series-limit',
  'series-limit-of-source',
  'sample-too-old',
  'sample-in-the-future',
  'sample-contradicts-another',
  'histogram-malformed',
  'histogram-schema-unknown',
  'histogram-spans-malformed',
  'histogram-counts-inconsistent',
  'histogram-bounds-malformed',
] as const;

/** Why a series or a sample was not stored. */
export type Refusal = (typeof REFUSALS)[number];

/** Samples refused, by reason. */
export class Refusals {
  private readonly counts: Float64Array = new Float64Array(REFUSALS.length);
  private isEmpty = true;

  add(reason: Refusal, samples: number): void {
    const index = REFUSALS.indexOf(reason);
    this.counts[index] = (this.counts[index] ?? 0) + samples;
    this.isEmpty = false;
  }

  clear(): void {
    if (!this.isEmpty) this.counts.fill(0);
    this.isEmpty = true;
  }

  /** The reasons that occurred, with the samples they cost. */
  list(): { readonly reason: Refusal; readonly count: number }[] {
    if (this.isEmpty) return [];
    return REFUSALS.map((reason, index) => ({ reason, count: this.counts[index] ?? 0 })).filter(({ count }) => count > 0);
  }

  addAll(other: Refusals): void {
    for (let i = 0; i < this.counts.length; i += 1) this.counts[i] = (this.counts[i] ?? 0) + (other.counts[i] ?? 0);
    this.isEmpty &&= other.isEmpty;
  }
}
