import type { Millis } from '../base/time.ts';

/** What a delta series added up to, by the text that tells the parts of a point apart ('' for the only one of a sum). */
export interface Total {
  readonly at: Millis;
  readonly parts: ReadonlyMap<string, number>;
}

/** Why a delta point was not added. */
export type DeltaRefusal = 'not newer than the last point of its series' | 'too many delta series';

/** A series that is silent for so long is forgotten, and begins at zero when it comes back. */
const FORGET_AFTER: Millis = 60 * 60_000;

/**
 * Delta points made cumulative: what each series added up to so far. Bounded in series; what a request changed can be undone, for when its
 * samples could not be stored and it will be sent again.
 */
export class DeltaSums {
  private readonly totals = new Map<string, Total>();
  private readonly most: number;
  private before: Map<string, Total | undefined> | null = null;
  private nextSweep: Millis = 0;

  constructor(mostSeries: number) {
    this.most = mostSeries;
  }

  get size(): number {
    return this.totals.size;
  }

  /** From here on changes can be undone. */
  begin(now: Millis): void {
    this.before = new Map();
    if (now < this.nextSweep) return;
    this.nextSweep = now + FORGET_AFTER / 10;
    for (const [key, { at }] of this.totals) if (at < now - FORGET_AFTER) this.totals.delete(key);
  }

  /** As it was at the last `begin`. */
  undo(): void {
    for (const [key, total] of this.before ?? []) {
      if (total === undefined) this.totals.delete(key);
      else this.totals.set(key, total);
    }
    this.before = null;
  }

  /** Adds the parts of a point, and gives the totals. Parts that the point before had and this one does not stay as they are. */
  add(series: string, at: Millis, parts: ReadonlyMap<string, number>): ReadonlyMap<string, number> | DeltaRefusal {
    const known = this.totals.get(series);
    if (known === undefined && this.totals.size >= this.most) return 'too many delta series';
    if (known !== undefined && at <= known.at) return 'not newer than the last point of its series';
    const total = new Map(known?.parts);
    for (const [part, value] of parts) total.set(part, (total.get(part) ?? 0) + value);
    if (this.before !== null && !this.before.has(series)) this.before.set(series, known);
    this.totals.set(series, { at, parts: total });
    return total;
  }
}
