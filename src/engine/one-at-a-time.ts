interface Line<T> {
  now: Promise<T>;
  next: Promise<T> | null;
}

/** Work of one name is never done twice at once. Whoever asks while it is being done gets the result of the next time, all of them of the same. */
export class OneAtATime<T> {
  readonly #lines = new Map<string, Line<T>>();

  do(name: string, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(name);
    if (line === undefined) return this.#begin(name, work);
    line.next ??= line.now.then(
      () => this.#begin(name, work),
      () => this.#begin(name, work),
    );
    return line.next;
  }

  #begin(name: string, work: () => Promise<T>): Promise<T> {
    const line: Line<T> = { now: work(), next: null };
    this.#lines.set(name, line);
    // Where somebody waits, the next time takes the place over.
    const leave = (): void => void (line.next === null && this.#lines.delete(name));
    line.now.then(leave, leave);
    return line.now;
  }
}
