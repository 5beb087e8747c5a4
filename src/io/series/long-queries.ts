import type { Millis } from '../../core/base/time.ts';

const LIMIT = 1_000;
/** A busy machine makes short queries long, once. */
const TRY_AGAIN_AFTER = 50;
const SHORT: Millis = 5;

/** Expressions that were too long for the series thread, and how often they go to the query thread until they are tried again. */
export class LongQueries {
  private readonly left = new Map<string, number>();

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

  /** Learns how long one took in the query thread: it need not wait there behind others again if it was short after all. */
  took(expr: string, step: Millis, time: Millis): void {
    if (time < SHORT) this.left.delete(keyOf(expr, step));
  }

  note(expr: string, step: Millis): void {
    if (this.left.size >= LIMIT) this.left.clear();
    this.left.set(keyOf(expr, step), TRY_AGAIN_AFTER);
  }
}

function keyOf(expr: string, step: Millis): string {
  return `${expr}\n${step}`;
}
