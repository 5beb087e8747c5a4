import { systemFiles } from '../io/files.ts';

/** Editors write a file in several steps: what happens within this time is one change. */
const SETTLE_MS = 300;

/** Calls back when something in the followed folders changed. */
export class FolderWatch {
  onChange: () => void = () => {};
  #current: AbortController | null = null;
  #known = '';
  #timer: NodeJS.Timeout | null = null;

  follow(folders: readonly string[]): void {
    const key = [...folders].sort().join('\n');
    if (key === this.#known) return;
    this.#known = key;
    this.#current?.abort();
    this.#current = new AbortController();
    for (const folder of folders) systemFiles.watch(folder, () => this.#changed(), this.#current.signal);
  }

  #changed(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.onChange(), SETTLE_MS);
    this.#timer.unref();
  }
}
