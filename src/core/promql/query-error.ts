/** Why a query gave no result; the API maps these to its error types. */
export type QueryFailure = 'execution' | 'too-many-samples' | 'timeout' | 'canceled';

/** Thrown while an expression is evaluated and caught by `evaluate`, which turns it into an outcome. */
export class QueryError extends Error {
  readonly failure: QueryFailure;

  constructor(message: string, failure: QueryFailure = 'execution') {
    super(message);
    this.failure = failure;
  }
}

/** Asked now and then while a query runs: null = go on. */
export type StopReason = 'timeout' | 'canceled' | null;

/** What a query may still use. */
export class Budget {
  /** Samples and points counted so far, all in all. */
  touched = 0;
  /** The most that were held in memory at once. */
  peak = 0;
  /** Those that are held in memory. */
  #held = 0;
  readonly #limit: number;
  readonly #stop: () => StopReason;

  constructor(limit: number, stop: () => StopReason) {
    this.#limit = limit;
    this.#stop = stop;
  }

  get held(): number {
    return this.#held;
  }

  /** Counts samples before they are held in memory; throws when the query would hold too many. */
  spend(samples: number): void {
    this.touched += samples;
    this.#hold(this.#held + samples);
  }

  /** Says how many are held now that the others are no longer needed. */
  settle(held: number): void {
    this.#hold(held);
  }

  #hold(samples: number): void {
    this.#held = samples;
    if (samples > this.peak) this.peak = samples;
    if (samples > this.#limit) {
      throw new QueryError('query processing would load too many samples into memory in query execution', 'too-many-samples');
    }
  }

  /** Throws when the query is out of time or nobody waits for it any more. */
  check(): void {
    const reason = this.#stop();
    if (reason === 'timeout') throw new QueryError('query timed out in expression evaluation', 'timeout');
    if (reason === 'canceled') throw new QueryError('query was canceled in expression evaluation', 'canceled');
  }
}
