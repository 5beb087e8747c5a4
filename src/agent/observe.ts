import type { Labels } from '../core/base/labels.ts';
import { SECOND, type Millis } from '../core/base/time.ts';
import { encodeWriteRequest, type WriteSeries } from '../core/wire/encode-write.ts';
import type { Log } from '../io/log.ts';
import type { Spool } from '../io/spool/spool.ts';
import type { Collector, Sources } from './collect/collector.ts';
import { SeriesSource } from './collect/label.ts';
import { ownMetrics } from './collect/own.ts';
import { openCollectorRuns } from './collect/run-collectors.ts';
import { missedSteps, nextStep, stepLength } from './collect/steps.ts';
import { isTextfile, openTextfile } from './collect/textfile.ts';
import { compressBatch, type ShipCounts } from './ship.ts';

export interface ObserveSettings {
  readonly interval: Millis;
  /** Added to every series. */
  readonly labels: Labels;
  readonly textfileFolder: string | null;
  readonly collectors: readonly Collector[];
  readonly sources: Sources;
  readonly version: string;
  readonly spool: Spool;
  readonly counts: ShipCounts;
  readonly log: Log;
}

const LONGEST_PATIENCE: Millis = 5 * SECOND;
/** A file is read a moment after it changed, so that its writer can finish, and not again within a second. */
const SETTLE: Millis = 100;
const REREAD: Millis = SECOND;
const MOST_SERIES_A_BATCH = 2_000;

/** Measures at every step, and the textfiles also when they change, and puts the samples into the spool, until the signal aborts. */
export async function observe(settings: ObserveSettings, signal: AbortSignal): Promise<void> {
  const { interval, sources } = settings;
  const { clock } = sources;
  const observer = new Observer(settings);
  const textfiles = watchTextfiles(settings, signal);
  const began = clock.elapsed();
  let last: Millis | null = null;
  let readAt: Millis = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const step = stepLength(interval, clock.elapsed() - began);
    const at = nextStep(clock.now(), last, step);
    const stepIn = at - clock.now();
    const rereadIn = Math.max(SETTLE, readAt + REREAD - clock.elapsed());
    if (textfiles.hasChanged() && rereadIn < stepIn) {
      await clock.wait(rereadIn, signal);
      if (signal.aborted) return;
      readAt = clock.elapsed();
      textfiles.forget();
      await observer.reread(clock.now());
      continue;
    }
    await textfiles.wait(stepIn);
    if (textfiles.hasChanged() && clock.now() < at) continue;
    const now = clock.now();
    if (signal.aborted || now < at) continue;
    const missed = missedSteps(at, now, step);
    last = at;
    if (missed > 0) {
      observer.missed(missed);
      continue;
    }
    textfiles.look();
    textfiles.forget();
    readAt = clock.elapsed();
    await observer.measure(at, Math.min(LONGEST_PATIENCE, step / 2));
  }
}

class Observer {
  readonly #settings: ObserveSettings;
  readonly #textfile: readonly Collector[];
  readonly #runs;
  readonly #machine: SeriesSource;
  readonly #files: SeriesSource;
  #missed = 0;

  constructor(settings: ObserveSettings) {
    this.#settings = settings;
    const { labels, log, textfileFolder } = settings;
    this.#textfile = textfileFolder === null ? [] : [openTextfile(textfileFolder, log)];
    this.#runs = openCollectorRuns((collector, why) => log.warn('a collector failed', { collector, why }));
    this.#machine = new SeriesSource(labels);
    this.#files = new SeriesSource(labels);
  }

  missed(steps: number): void {
    this.#missed += steps;
    this.#settings.log.debug('steps were missed and stay gaps', { steps });
  }

  async measure(at: Millis, patience: Millis): Promise<void> {
    const { collectors, sources, spool, counts, version } = this.#settings;
    const [machine, files] = await Promise.all([
      this.#runs.run(collectors, sources, patience),
      this.#runs.run(this.#textfile, sources, patience),
    ]);
    const { bytes: spooledBytes, droppedBytes, diskFailures } = spool.state();
    const own = ownMetrics({ version, missedSteps: this.#missed, spooledBytes, droppedBytes, diskFailures, ...counts });
    // The kernel has no NaN: such a value is a text that was not understood, and a gap says so better. In a textfile it is meant.
    const measured = machine.metrics.filter(({ value }) => !Number.isNaN(value));
    const series = this.#machine.next([...own, ...measured, ...machine.outcomes, ...files.outcomes], at);
    await this.#deliver([...series, ...this.#files.next(files.metrics, at)], at);
  }

  async reread(at: Millis): Promise<void> {
    const { metrics, failed } = await this.#runs.run(this.#textfile, this.#settings.sources, LONGEST_PATIENCE);
    if (failed === 0) await this.#deliver(this.#files.next(metrics, at), at);
  }

  async #deliver(series: readonly WriteSeries[], at: Millis): Promise<void> {
    for (let from = 0; from < series.length; from += MOST_SERIES_A_BATCH) {
      const request = encodeWriteRequest(series.slice(from, from + MOST_SERIES_A_BATCH));
      await this.#settings.spool.append({ at, payload: compressBatch(request) });
    }
  }
}

interface TextfileWatch {
  hasChanged(): boolean;
  forget(): void;
  /** Watches the folder if that was not possible before: it may not have existed. */
  look(): void;
  /** Waits, but no longer than until a file changes. */
  wait(length: Millis): Promise<void>;
}

function watchTextfiles({ textfileFolder, sources }: ObserveSettings, signal: AbortSignal): TextfileWatch {
  const { clock, files } = sources;
  let isChanged = false;
  let isWatching = false;
  let waiting: AbortController | null = null;
  const wake = (): void => waiting?.abort();
  const changed = (name: string | null): void => {
    if (name !== null && !isTextfile(name)) return;
    isChanged = true;
    wake();
  };
  signal.addEventListener('abort', wake, { once: true });
  const look = (): void => {
    if (!isWatching && textfileFolder !== null) isWatching = files.watch(textfileFolder, changed, signal);
  };
  look();
  return {
    hasChanged: () => isChanged,
    forget: () => {
      isChanged = false;
    },
    look,
    wait: async (length) => {
      if (signal.aborted) return;
      waiting = new AbortController();
      await clock.wait(length, waiting.signal);
      waiting = null;
    },
  };
}
