import { isFinal } from '../core/actions/run.ts';
import type { StateStore } from '../io/db/open-store.ts';
import type { Outputs } from '../io/outputs.ts';
import type { Log } from '../world.ts';

interface Finisher {
  /** Looks at the runs among what changed. */
  look(about: readonly string[]): void;
  /** At the start: the outputs of runs that ended while nobody compressed them. */
  lookAtAll(): Promise<void>;
  /** Resolves when nothing is in progress any more; nothing new begins. */
  stop(): Promise<void>;
}

/** Compresses the outputs of runs that have ended, in the background and one after the other. */
export function finishOutputs({
  store,
  outputs,
  log,
}: {
  readonly store: StateStore;
  readonly outputs: Outputs;
  readonly log: Log;
}): Finisher {
  const waiting = new Set<string>();
  let stopped = false;
  let working: Promise<void> | null = null;

  async function work(): Promise<void> {
    for (const run of waiting) {
      if (stopped) return;
      waiting.delete(run);
      try {
        const { value } = await store.load('run', run);
        if (value !== null && isFinal(value.state)) await outputs.finish(run);
      } catch (error) {
        log.error('an output could not be compressed and stays as it is', { run, error: String(error) });
      }
    }
  }

  function begin(): void {
    if (stopped || waiting.size === 0 || working !== null) return;
    working = work().finally(() => {
      working = null;
      begin();
    });
  }

  return {
    look: (about) => {
      for (const one of about) if (one.startsWith('run/')) waiting.add(one.slice('run/'.length));
      begin();
    },
    lookAtAll: async () => {
      for (const run of await outputs.unfinished()) waiting.add(run);
      begin();
    },
    stop: async () => {
      stopped = true;
      await working;
    },
  };
}
