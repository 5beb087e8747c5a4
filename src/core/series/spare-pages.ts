/**
 * Memory of one kind that was given back, for who needs such a page next: new pages for each memtable would leave the old ones to a
 * collector that hardly runs, and holes behind. What is in a page that was used before is without meaning.
 */
export class SparePages<T> {
  private readonly pages: T[] = [];
  private readonly make: () => T;

  constructor(make: () => T) {
    this.make = make;
  }

  /** A page, used before or new. */
  take(): T {
    return this.pages.pop() ?? this.make();
  }

  /** Keeps the pages for the next who asks; never more in all than were given back at once. */
  give(pages: readonly T[]): void {
    const room = Math.max(0, pages.length - this.pages.length);
    for (const page of pages.slice(0, room)) this.pages.push(page);
    this.pages.length = Math.min(this.pages.length, pages.length);
  }

  /** How many are kept. */
  get count(): number {
    return this.pages.length;
  }
}
