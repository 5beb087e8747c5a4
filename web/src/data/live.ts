import type { QueryClient } from '@tanstack/react-query';
import { backoffMs } from './backoff.ts';
import { base } from './base.ts';
import { staleKeys } from './live-mapping.ts';

/** How the page hears of changes right now. `since` is when that began; `retryAt` when the next attempt comes. */
export interface LiveState {
  readonly state: 'connecting' | 'live' | 'lost';
  readonly since: number;
  readonly retryAt: number | null;
}

/** How long changes are gathered before the page asks again, and how long a hidden page keeps its connection. */
const GATHER_MS = 120;
const SAMPLES_EVERY_MS = 1000;
const HIDDEN_MS = 120_000;

/** One connection to the stream of changes for the whole page; what it shows is asked again when it changed. */
export class Live {
  readonly #queries: QueryClient;
  readonly #listeners = new Set<() => void>();
  #state: LiveState = { state: 'connecting', since: Date.now(), retryAt: null };
  #source: EventSource | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #flush: ReturnType<typeof setTimeout> | undefined;
  #samples: ReturnType<typeof setTimeout> | undefined;
  #hide: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #about = new Set<string>();
  #samplesAt = 0;

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  state = (): LiveState => this.#state;

  open(): () => void {
    this.#connect();
    document.addEventListener('visibilitychange', this.#onVisibility);
    window.addEventListener('online', this.retryNow);
    return () => {
      document.removeEventListener('visibilitychange', this.#onVisibility);
      window.removeEventListener('online', this.retryNow);
      this.#close();
      clearTimeout(this.#hide);
    };
  }

  retryNow = (): void => {
    if (this.#state.state !== 'live') this.#connect();
  };

  #connect(): void {
    this.#close();
    const source = new EventSource(`${base}/api/live`);
    this.#source = source;
    source.addEventListener('open', () => {
      this.#attempt = 0;
      this.#set({ state: 'live', since: Date.now(), retryAt: null });
      // What was answered before now may have changed without anybody telling.
      void this.#queries.invalidateQueries();
    });
    source.addEventListener('change', this.#onChange);
    // More has changed than is worth naming, or something was missed.
    source.addEventListener('overflow', () => void this.#queries.invalidateQueries());
    source.addEventListener('error', () => this.#lost());
  }

  #close(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#flush);
    clearTimeout(this.#samples);
    this.#flush = undefined;
    this.#samples = undefined;
    this.#source?.close();
    this.#source = null;
  }

  #lost(): void {
    this.#close();
    const wait = backoffMs(this.#attempt++, Math.random());
    const since = this.#state.state === 'lost' ? this.#state.since : Date.now();
    this.#set({ state: 'lost', since, retryAt: Date.now() + wait });
    this.#retry = setTimeout(() => this.#connect(), wait);
    // The connection may be refused because the session ended: the session's answer says so.
    void this.#queries.invalidateQueries({ queryKey: ['session'] });
  }

  #onChange = (event: MessageEvent<string>): void => {
    for (const subject of subjectsOf(event.data)) {
      if (subject === 'samples') this.#samples ??= setTimeout(() => this.#tellSamples(), this.#samplesAt + SAMPLES_EVERY_MS - Date.now());
      else this.#about.add(subject);
    }
    if (this.#about.size > 0) this.#flush ??= setTimeout(() => this.#tell(), GATHER_MS);
  };

  #tell(): void {
    this.#flush = undefined;
    const stale = staleKeys([...this.#about]);
    this.#about.clear();
    for (const queryKey of stale) void this.#queries.invalidateQueries({ queryKey });
  }

  #tellSamples(): void {
    this.#samples = undefined;
    this.#samplesAt = Date.now();
    if (document.hidden) return;
    for (const queryKey of staleKeys(['samples'])) void this.#queries.invalidateQueries({ queryKey }, { cancelRefetch: false });
  }

  // Browsers allow six connections to one HTTP/1.1 server: forgotten tabs must not use them up.
  #onVisibility = (): void => {
    clearTimeout(this.#hide);
    if (document.hidden) this.#hide = setTimeout(() => this.#close(), HIDDEN_MS);
    else if (this.#source === null) this.#connect();
  };

  #set(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function subjectsOf(text: string): string[] {
  try {
    const event: unknown = JSON.parse(text);
    if (typeof event !== 'object' || event === null || !('about' in event) || !Array.isArray(event.about)) return [];
    return event.about.filter((subject) => typeof subject === 'string');
  } catch {
    return [];
  }
}
