import type { Millis } from '../../core/base/time.ts';

/** Something that was deleted because its time, or the room for it, was over. */
export interface Purge {
  readonly at: Millis;
  /** A tier, `raw` for the samples, or the selector whose series were kept shorter. */
  readonly what: string;
  /** What was older is gone. */
  readonly before: Millis;
  readonly why: 'retention' | 'size';
}

const KEPT = 100;

/** Remembers what was purged last. */
export class PurgeLog {
  private kept: readonly Purge[] = [];
  count = 0;

  /** The last ones, the oldest first. */
  get last(): readonly Purge[] {
    return this.kept;
  }

  note(purge: Purge): void {
    this.count += 1;
    this.kept = [...this.kept, purge].slice(-KEPT);
  }
}
