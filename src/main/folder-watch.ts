import { systemFiles } from '../io/files.ts';

/** Editors write a file in several steps: what happens within this time is one change. */
const SETTLE_MS = 300;

/** What a configuration may consist of; other files beside it (a log, a database) change without meaning anything. */
const RELEVANT = /\.(ya?ml|md|pem|crt|cer|key)$/i;

/** Calls back when a file in the followed folders changed that may belong to a configuration. */
export class FolderWatch {
  onChange: () => void = () => {};
  #current: AbortController | null = null;
  #known = '';
  #names: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | null = null;

  /** `names`: files that matter whatever they end in. */
  follow(folders: readonly string[], names: readonly string[] = []): void {
    this.#names = new Set(names);
    const key = [...folders].sort().join('\n');
    if (key === this.#known) return;
    this.#known = key;
    this.#current?.abort();
    this.#current = new AbortController();
    for (const folder of folders) {
      const changed = (name: string | null): void => {
        if (name === null || RELEVANT.test(name) || this.#names.has(name)) this.#changed();
      };
      systemFiles.watch(folder, changed, this.#current.signal);
    }
  }

  #changed(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.onChange(), SETTLE_MS);
    this.#timer.unref();
  }
}
