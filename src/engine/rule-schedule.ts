import type { Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';

/** In the long run the evaluations of one rule take at most this part of the time: the dearer they are, the longer they rest. */
const SHARE = 20;
/** So much evaluation time a rule that was quiet may take before it has to rest: a single slow one delays nothing. */
const BURST: Millis = 250;
const LEAST_REST: Millis = 5;

interface Entry {
  nextAt: Millis;
  restUntil: Millis;
  running: boolean;
  /** A new configuration came while it was judged by the old one. */
  outdated: boolean;
  touched: boolean;
  failing: boolean;
  /** Evaluation time that was not yet rested for, and when that was so. */
  debt: Millis;
  debtAt: Millis;
  /** How many evaluations went on when this one began, itself included. */
  beside: number;
}

/**
 * When each rule is judged next: at the latest after its interval, and as soon as a sample arrives for a series it reads. Lives in memory,
 * because configuration alone determines it; hold times are rows.
 */
export class RuleSchedule {
  readonly #entries = new Map<string, Entry>();
  #running = 0;
  #seenAt: Millis = 0;

  /** Takes over a new configuration; new rules are due at once, and so are removed ones, to end their alerts. */
  replace(settings: Settings, known: Iterable<string>, now: Millis): void {
    for (const name of new Set([...settings.rules.keys(), ...known, ...this.#entries.keys()])) {
      const entry = this.#entries.get(name);
      if (entry === undefined) this.#entries.set(name, newEntry(now));
      else {
        entry.nextAt = now;
        entry.outdated = entry.running;
      }
    }
  }

  /** Samples arrived for series that these rules read. */
  touch(names: readonly string[], now: Millis): void {
    this.#follow(now);
    for (const name of names) {
      const entry = this.#entries.get(name);
      if (entry === undefined) continue;
      entry.touched = true;
      entry.nextAt = Math.min(entry.nextAt, Math.max(now, entry.restUntil));
    }
  }

  /** The rules to judge now; each is taken until `finish`. */
  take(now: Millis): string[] {
    this.#follow(now);
    const due: string[] = [];
    const entries: Entry[] = [];
    for (const [name, entry] of this.#entries) {
      if (entry.running || entry.nextAt > now) continue;
      entry.running = true;
      entry.touched = false;
      due.push(name);
      entries.push(entry);
    }
    this.#running += due.length;
    for (const entry of entries) entry.beside = this.#running;
    return due;
  }

  /** Gives whether the judgement was the first good one after a bad one, so that the trouble can be cleared. */
  finish(
    name: string,
    done: { readonly outcome: 'done' | 'stale' | 'failed'; readonly every: Millis | null; readonly took: Millis },
    now: Millis,
  ): boolean {
    this.#follow(now);
    const entry = this.#entries.get(name);
    if (entry === undefined) return false;
    this.#running -= 1;
    const { outdated } = entry;
    entry.outdated = false;
    if (done.every === null && done.outcome === 'done' && !outdated) {
      this.#entries.delete(name);
      return true;
    }
    entry.running = false;
    entry.restUntil = now + Math.min(done.every ?? Number.POSITIVE_INFINITY, restAfter(entry, done.took, now));
    entry.nextAt = done.outcome === 'stale' || entry.touched || outdated ? entry.restUntil : now + (done.every ?? LEAST_REST);
    const recovered = entry.failing && done.outcome === 'done';
    entry.failing = done.outcome === 'failed' || (entry.failing && done.outcome === 'stale');
    return recovered;
  }

  /** Where the clock was set back, the moments go back with it: nobody waits for a time that was never to come. */
  #follow(now: Millis): void {
    const by = this.#seenAt - now;
    this.#seenAt = now;
    if (by <= 0) return;
    for (const entry of this.#entries.values()) {
      entry.nextAt -= by;
      entry.restUntil -= by;
      entry.debtAt -= by;
    }
  }

  /** The next moment at which `take` gives something, null when nothing is planned. */
  next(): Millis | null {
    let next: Millis | null = null;
    for (const entry of this.#entries.values()) if (!entry.running && (next === null || entry.nextAt < next)) next = entry.nextAt;
    return next;
  }
}

function newEntry(now: Millis): Entry {
  return { nextAt: now, restUntil: now, running: false, outdated: false, touched: false, failing: true, debt: 0, debtAt: now, beside: 1 };
}

/** Those that ran at the same time waited for each other: each cost its part. */
function restAfter(entry: Entry, took: Millis, now: Millis): Millis {
  const rested = Math.max(0, now - entry.debtAt) / SHARE;
  entry.debt = Math.max(0, entry.debt - rested) + Math.max(0, took) / entry.beside;
  entry.debtAt = now;
  return Math.max(LEAST_REST, (entry.debt - BURST) * SHARE);
}
