/** Lets so many do something at once; the others wait for their turn, in the order in which they came. */
export class Turns {
  private readonly limit: number;
  private readonly waiting: (() => void)[] = [];
  private taken = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Does it when it has its turn. */
  async whenFree<T>(work: () => Promise<T>): Promise<T> {
    if (this.taken < this.limit) this.taken += 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The turn goes over to the next one.
      const next = this.waiting.shift();
      if (next === undefined) this.taken -= 1;
      else next();
    }
  }
}
