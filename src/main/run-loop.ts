import type { Millis } from '../core/base/time.ts';
import type { Loop } from '../engine/loop.ts';
import type { World } from '../world.ts';

/** Nothing planned is looked at again after this time, in case another server planned it. */
const LONGEST_SLEEP: Millis = 1000;

/** Lets the loop sleep until something is due, and wakes it when something new may be. */
export class LoopRunner {
  readonly #loop: Loop;
  readonly #world: Pick<World, 'clock' | 'log'>;
  #timer: NodeJS.Timeout | null = null;
  #running = false;
  #again = false;
  #stopped = false;
  readonly #deeds = new Set<Promise<void>>();

  constructor(loop: Loop, world: Pick<World, 'clock' | 'log'>) {
    this.#loop = loop;
    this.#world = world;
  }

  /** Something may be due now. */
  readonly wake = (): void => {
    if (this.#stopped) return;
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    queueMicrotask(() => void this.#rounds());
  };

  /** No new deeds; resolves when those in progress have ended, or after so long. */
  async stop(patience: Millis): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const patienceEnds = new Promise<void>((resolve) => setTimeout(resolve, patience).unref());
    await Promise.race([Promise.allSettled(this.#deeds), patienceEnds]);
  }

  async #rounds(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        for (const deed of await this.#loop.round()) this.#track(deed);
      }
      if (!this.#stopped) await this.#sleep();
    } catch (error) {
      this.#world.log.error('the loop failed and goes on', { error: String(error) });
      this.#timer = setTimeout(this.wake, LONGEST_SLEEP);
    } finally {
      this.#running = false;
      if (this.#again) this.wake();
    }
  }

  #track(deed: Promise<void>): void {
    this.#deeds.add(deed);
    const settled = (): void => {
      this.#deeds.delete(deed);
      this.wake();
    };
    deed.then(settled, (error: unknown) => {
      this.#world.log.error('a deed failed', { error: String(error) });
      settled();
    });
  }

  async #sleep(): Promise<void> {
    const next = await this.#loop.next();
    if (this.#again || this.#stopped) return;
    const wait = Math.max(0, Math.min(LONGEST_SLEEP, next - this.#world.clock.now()));
    this.#timer = setTimeout(this.wake, wait);
  }
}
