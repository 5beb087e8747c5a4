interface Line<T> {
  now: Promise<unknown>;
  next: Promise<T> | null;
}

/** Work of one name is never done twice at once. Whoever asks while it is being done gets the result of the next time, all of them of the same. */
export class OneAtATime<T> {
  readonly #lines = new Map<string, Line<T>>();

  isBusy(name: string): boolean {
    return this.#lines.has(name);
  }

  /** Work of these names is done elsewhere until this resolves; none of them may be busy. */
  hold(names: readonly string[], until: Promise<unknown>): void {
    const lines = names.map((name): [string, Line<T>] => [name, { now: until, next: null }]);
    for (const [name, line] of lines) this.#lines.set(name, line);
    const leave = (): void => {
      for (const [name, line] of lines) this.#leave(name, line);
    };
    until.then(leave, leave);
  }

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
    const now = work();
    const line: Line<T> = { now, next: null };
    this.#lines.set(name, line);
    const leave = (): void => this.#leave(name, line);
    now.then(leave, leave);
    return now;
  }

  /** Where somebody waits, the next time takes the place over. */
  #leave(name: string, line: Line<T>): void {
    if (line.next === null) this.#lines.delete(name);
  }
}
