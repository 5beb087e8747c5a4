import { formatProblem, type Problem } from '../core/base/problem.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Log } from '../world.ts';

/** Reads the configuration as it is on disk now: the settings, or every problem. */
export type LoadSettings = () => Promise<{ readonly value: Settings | null; readonly problems: readonly Problem[] }>;

/** The settings in force. A reload takes all of a new configuration or nothing of it; the last good one stays. */
export class SettingsHolder {
  #current: Settings;
  #problems: readonly Problem[] = [];
  readonly #load: LoadSettings;
  readonly #log: Log;
  readonly #changed: ((settings: Settings) => Promise<void>)[] = [];
  #reloading: Promise<readonly Problem[]> | null = null;
  #next: Promise<readonly Problem[]> | null = null;

  constructor(first: Settings, load: LoadSettings, log: Log) {
    this.#current = first;
    this.#load = load;
    this.#log = log;
  }

  readonly current = (): Settings => this.#current;

  /** What is wrong with the configuration on disk; empty when it is in force. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  onChange(listener: (settings: Settings) => Promise<void>): void {
    this.#changed.push(listener);
  }

  /** Loads again; reloads that are asked for meanwhile share the next one. */
  reload(): Promise<readonly Problem[]> {
    if (this.#reloading !== null) {
      // The one in progress may have read what was there before.
      this.#next ??= this.#reloading.then(
        () => this.#begin(),
        () => this.#begin(),
      );
      return this.#next;
    }
    return this.#begin();
  }

  #begin(): Promise<readonly Problem[]> {
    this.#next = null;
    const reloading = this.#reload().finally(() => {
      if (this.#reloading === reloading) this.#reloading = null;
    });
    this.#reloading = reloading;
    return reloading;
  }

  async #reload(): Promise<readonly Problem[]> {
    const { value, problems } = await this.#load();
    this.#problems = problems;
    if (value === null) {
      for (const problem of problems)
        this.#log.error('the configuration is wrong, the last good one stays', { problem: formatProblem(problem) });
    } else {
      this.#current = value;
      this.#log.info('configuration loaded', { rules: value.rules.size, actions: value.actions.size, channels: value.channels.size });
    }
    for (const listener of this.#changed) {
      // Whoever cannot follow keeps nobody else from it.
      await listener(this.#current).catch((error: unknown) => {
        this.#log.error('a part cannot follow the configuration', { error: String(error) });
      });
    }
    return problems;
  }
}
