import type { Millis } from '../../core/base/time.ts';
import { nextScrape, scrapeOffset, type Target } from '../../core/scrape/expand-targets.ts';
import type { ScrapeJob } from '../../core/scrape/scrape-job.ts';
import type { ScrapedFamily, ScrapeOutcome } from '../../core/scrape/target-memory.ts';
import type { Clock } from '../clock.ts';
import type { AccessClient } from '../access-client.ts';
import type { Decoder, ScrapeAnswer, ScrapeAsk, TargetRules, WriteRequestBody } from '../intake/messages.ts';
import { fetchTarget, notFetched } from './fetch-target.ts';

export interface TargetDoors {
  readonly clock: Clock;
  readonly client: AccessClient;
  readonly decoder: Decoder;
  /** Spreads the targets in time, differently on each server. */
  readonly seed: string;
  /** Hands the samples of one scrape on; what cannot be stored is the receiver's to tell. */
  readonly store: (bodies: readonly WriteRequestBody[], job: string) => Promise<void>;
  readonly onScraped: (job: string, outcome: ScrapeOutcome) => void;
}

/** How the last scrape of a target went. */
export interface TargetState {
  readonly health: 'unknown' | 'up' | 'down';
  readonly problem: string;
  readonly at: Millis | null;
  readonly duration: Millis;
}

/** A scrape that begins so late, as a share of the interval, still counts for its moment: equal distances compress better. */
const TOLERANCE = 0.01;

/** Scrapes one target at its moments until it is stopped. */
export class TargetLoop {
  state: TargetState = { health: 'unknown', problem: '', at: null, duration: 0 };
  /** Why the target may not be asked; null: it may. */
  forbidden: string | null = null;
  /** A scrape has begun and not ended. */
  isBusy = false;
  /** What the target says of its metrics. */
  families: ReadonlyMap<string, ScrapedFamily> = new Map();
  readonly target: Target;
  private readonly job: ScrapeJob;
  private readonly doors: TargetDoors;
  /** Under this number the decoder knows it. */
  private readonly number: number;
  private readonly stopping = new AbortController();
  private readonly ended: Promise<void>;

  constructor(target: Target, job: ScrapeJob, number: number, doors: TargetDoors) {
    this.target = target;
    this.job = job;
    this.number = number;
    this.doors = doors;
    this.ended = this.run();
  }

  /** 'gone': its series end. 'closing': the server ends, and whoever comes next goes on. */
  async stop(why: 'gone' | 'closing'): Promise<void> {
    this.stopping.abort();
    await this.ended;
    const { decoder, clock, store } = this.doors;
    await store(await decoder.ask('close', { target: this.number, at: why === 'gone' ? clock.now() : null }), this.job.name);
  }

  private async run(): Promise<void> {
    const { clock, seed, decoder } = this.doors;
    await decoder.ask('open', { target: this.number, rules: rulesOf(this.target, this.job) });
    const { signal } = this.stopping;
    const { interval } = this.target;
    const offset = scrapeOffset(this.target, seed);
    let due = nextScrape(clock.now(), interval, offset);
    for (;;) {
      // Long waits are cut by the clock, so look again.
      for (let now = clock.now(); now < due && !signal.aborted; now = clock.now()) await clock.wait(due - now, signal);
      if (signal.aborted) return;
      const now = clock.now();
      await this.scrape(now - due <= interval * TOLERANCE ? due : now);
      due = nextScrape(Math.max(clock.now(), due + 1), interval, offset);
    }
  }

  private async scrape(at: Millis): Promise<void> {
    this.isBusy = true;
    try {
      await this.ask(at);
    } finally {
      this.isBusy = false;
    }
  }

  private async ask(at: Millis): Promise<void> {
    const { clock, client, store, onScraped } = this.doors;
    const began = clock.elapsed();
    const { forbidden, job, target, stopping } = this;
    const fetched = forbidden === null ? await fetchTarget(client, job, target, stopping.signal) : notFetched(forbidden);
    if (this.stopping.signal.aborted) return;
    const duration = clock.elapsed() - began;
    const { bodies, outcome, families } = await this.decode({ target: this.number, at, duration, fetched });
    if (families !== null) this.families = families;
    this.state = { health: outcome.problem === null ? 'up' : 'down', problem: outcome.problem ?? '', at, duration };
    onScraped(this.job.name, outcome);
    await store(bodies, this.job.name);
  }

  /** An answer on which the decoder dies is none. */
  private async decode(ask: ScrapeAsk): Promise<ScrapeAnswer> {
    const { decoder } = this.doors;
    try {
      return await decoder.ask('scrape', ask);
    } catch (error) {
      return decoder.ask('scrape', { ...ask, fetched: notFetched(error instanceof Error ? error.message : String(error)) });
    }
  }
}

function rulesOf({ labels, timeout }: Target, job: ScrapeJob): TargetRules {
  const { honorLabels, honorTimestamps, trackTimestampsStaleness, histograms, limits, names, metricRelabel } = job;
  const reportedTimeout = job.isReportingMore ? timeout : null;
  const rules = { honorLabels, honorTimestamps, trackTimestampsStaleness, histograms, limits, names, reportedTimeout };
  return { target: labels, ...rules, relabel: metricRelabel };
}
