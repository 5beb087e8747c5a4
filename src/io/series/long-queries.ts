import type { Millis } from '../../core/base/time.ts';

const LIMIT = 1_000;
/** A busy machine makes short queries long, once. */
const TRY_AGAIN_AFTER = 50;
const SHORT: Millis = 5;

/** Expressions that were too long for the series thread, and how often they go to the query thread until they are tried again. */
export class LongQueries {
  private readonly left = new Map<string, number>();
  /** Those of them that took too long, but do not look at too many samples. */
  private readonly slow = new Set<string>();

  has(expr: string, step: Millis): boolean {
    return this.left.size > 0 && (this.left.get(keyOf(expr, step)) ?? 0) > 0;
  }

  /** Whether it goes to the query thread now. */
  take(expr: string, step: Millis): boolean {
    if (!this.has(expr, step)) return false;
    const key = keyOf(expr, step);
    this.left.set(key, (this.left.get(key) ?? 0) - 1);
    return true;
  }

  /** Learns how long one took in the query thread: one that was slow once need not wait there behind others if it is short after all. */
  took(expr: string, step: Millis, time: Millis): void {
    const key = keyOf(expr, step);
    if (time < SHORT && this.slow.delete(key)) this.left.delete(key);
  }

  /** `samples`: it looks at too many; `time`: it took too long, as any may on a machine that is busy just then. */
  note(expr: string, step: Millis, why: 'samples' | 'time' = 'samples'): void {
    if (this.left.size >= LIMIT) {
      this.left.clear();
      this.slow.clear();
    }
    const key = keyOf(expr, step);
    this.left.set(key, TRY_AGAIN_AFTER);
    if (why === 'time') this.slow.add(key);
    else this.slow.delete(key);
  }
}

function keyOf(expr: string, step: Millis): string {
  return `${expr}\n${step}`;
}
