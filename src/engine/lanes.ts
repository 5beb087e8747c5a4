/**
 * So many deeds at once in each lane. What finds a lane of its own full waits for it without being looked at again, until somebody leaves
 * that lane: what goes to a receiver that hangs takes nobody else's place.
 */
export class Lanes {
  readonly #limitOf: (lane: string) => number;
  readonly #taken = new Map<string, number>();
  readonly #waiting = new Map<string, Set<string>>();
  readonly #held = new Set<string>();

  constructor(limitOf: (lane: string) => number) {
    this.#limitOf = limitOf;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#held.size;
  }

  isWaiting(key: string): boolean {
    return this.#held.has(key);
  }

  /** Takes a place in all of these lanes, or none: then the key waits for the first that is full. */
  enter(key: string, lanes: readonly string[]): boolean {
    const full = lanes.find((lane) => this.#countOf(lane) >= this.#limitOf(lane));
    if (full !== undefined) {
      const waiting = this.#waiting.get(full) ?? new Set();
      this.#waiting.set(full, waiting.add(key));
      this.#held.add(key);
      return false;
    }
    for (const lane of lanes) this.#taken.set(lane, this.#countOf(lane) + 1);
    return true;
  }

  /** Gives the places back; whoever waits for one of them is looked at again. */
  leave(lanes: readonly string[]): void {
    for (const lane of lanes) {
      const left = this.#countOf(lane) - 1;
      if (left > 0) this.#taken.set(lane, left);
      else this.#taken.delete(lane);
      for (const key of this.#waiting.get(lane) ?? []) this.#held.delete(key);
      this.#waiting.delete(lane);
    }
  }

  #countOf(lane: string): number {
    return this.#taken.get(lane) ?? 0;
  }
}
