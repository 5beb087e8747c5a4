import type { Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';

/** Evaluations of one rule take at most this share of the time: the busier a rule, the longer it rests. */
const SHARE = 20;
const LEAST_REST: Millis = 5;

interface Entry {
  nextAt: Millis;
  restUntil: Millis;
  running: boolean;
  touched: boolean;
  failing: boolean;
}

/**
 * When each rule is judged next: at the latest after its interval, and as soon as a sample arrives for a series it reads. Lives in memory,
 * because configuration alone determines it; hold times are rows.
 */
export class RuleSchedule {
  readonly #entries = new Map<string, Entry>();

  /** Takes over a new configuration; new rules are due at once, and so are removed ones, to end their alerts. */
  replace(settings: Settings, known: Iterable<string>, now: Millis): void {
    for (const name of [...settings.rules.keys(), ...known]) {
      const entry = this.#entries.get(name);
      if (entry === undefined) this.#entries.set(name, { nextAt: now, restUntil: now, running: false, touched: false, failing: true });
      else entry.nextAt = now;
    }
  }

  /** Samples arrived for series that these rules read. */
  touch(names: readonly string[], now: Millis): void {
    for (const name of names) {
      const entry = this.#entries.get(name);
      if (entry === undefined) continue;
      entry.touched = true;
      entry.nextAt = Math.min(entry.nextAt, Math.max(now, entry.restUntil));
    }
  }

  /** The rules to judge now; each is taken until `finish`. */
  take(now: Millis): string[] {
    const due: string[] = [];
    for (const [name, entry] of this.#entries) {
      if (entry.running || entry.nextAt > now) continue;
      entry.running = true;
      entry.touched = false;
      due.push(name);
    }
    return due;
  }

  /** Gives whether the judgement was the first good one after a bad one, so that the trouble can be cleared. */
  finish(
    name: string,
    done: { readonly outcome: 'done' | 'stale' | 'failed'; readonly every: Millis | null; readonly took: Millis },
    now: Millis,
  ): boolean {
    const entry = this.#entries.get(name);
    if (entry === undefined) return false;
    if (done.every === null && done.outcome === 'done') {
      this.#entries.delete(name);
      return true;
    }
    entry.running = false;
    entry.restUntil = now + Math.max(LEAST_REST, done.took * SHARE);
    entry.nextAt = done.outcome === 'stale' || entry.touched ? entry.restUntil : now + (done.every ?? LEAST_REST);
    const recovered = entry.failing && done.outcome === 'done';
    entry.failing = done.outcome === 'failed' || (entry.failing && done.outcome === 'stale');
    return recovered;
  }

  /** The next moment at which `take` gives something, null when nothing is planned. */
  next(): Millis | null {
    let next: Millis | null = null;
    for (const entry of this.#entries.values()) if (!entry.running && (next === null || entry.nextAt < next)) next = entry.nextAt;
    return next;
  }
}
