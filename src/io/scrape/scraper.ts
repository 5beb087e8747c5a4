import { type Counters, increase, type Metric } from '../../core/base/counters.ts';
import type { ScrapeJob } from '../../core/scrape/scrape-job.ts';
import type { ScrapeOutcome } from '../../core/scrape/target-memory.ts';
import type { WriteRequestBody } from '../intake/messages.ts';
import type { Log } from '../log.ts';
import type { WriteOutcome } from '../series/engine.ts';
import type { SeriesStore } from '../series/store.ts';
import { type PoolDoors, ScrapePool } from './scrape-pool.ts';

export interface ScraperDoors extends Pick<PoolDoors, 'clock' | 'files' | 'resolve' | 'now' | 'seed' | 'decoder'> {
  readonly write: SeriesStore['write'];
  readonly counters: Counters;
  readonly log: Pick<Log, 'warn'>;
}

const counter = (name: string, help: string): Metric => ({ name, help, type: 'counter' });
const METRICS = {
  scrapes: counter('tocsin_scrapes_total', 'Scrapes of targets by job and outcome.'),
  samples: counter('tocsin_scraped_samples_total', 'Samples that targets gave, before relabelling.'),
  exemplars: counter('tocsin_scraped_exemplars_total', 'Exemplars that targets gave.'),
  refused: counter('tocsin_scraped_samples_refused_total', 'Scraped samples that were not stored, by reason.'),
  problems: counter('tocsin_target_discovery_problems_total', 'Discoveries of targets that failed.'),
} as const;

/** Keeps the targets of all jobs scraped. */
export class Scraper {
  private readonly doors: ScraperDoors;
  private readonly running = new Map<string, { readonly key: string; readonly pool: ScrapePool }>();
  /** Targets so far. */
  private opened = 0;
  private applying: Promise<void> = Promise.resolve();
  /** What was told last of each job, so that a lasting trouble is one line. */
  private readonly told = new Map<string, string>();

  constructor(doors: ScraperDoors) {
    this.doors = doors;
  }

  /** By the name of the job. */
  get pools(): readonly ScrapePool[] {
    return [...this.running.values()].map(({ pool }) => pool);
  }

  /** Scrapes these jobs from now on. A job that did not change goes on undisturbed. */
  apply(jobs: readonly ScrapeJob[]): Promise<void> {
    this.applying = this.applying.then(() => this.replace(jobs));
    return this.applying;
  }

  async stop(): Promise<void> {
    await this.applying;
    const pools = this.pools;
    this.running.clear();
    await Promise.all(pools.map((pool) => pool.stop('closing')));
  }

  private async replace(jobs: readonly ScrapeJob[]): Promise<void> {
    const wanted = new Map(jobs.map((job) => [job.name, keyOf(job)]));
    const gone = [...this.running].filter(([name, { key }]) => wanted.get(name) !== key);
    for (const [name] of gone) this.running.delete(name);
    await Promise.all(gone.map(([, { pool }]) => pool.stop('gone')));
    for (const job of jobs) {
      if (!this.running.has(job.name)) this.running.set(job.name, { key: keyOf(job), pool: new ScrapePool(job, this.poolDoors()) });
    }
  }

  private poolDoors(): PoolDoors {
    const { clock, files, resolve, now, seed, decoder, counters } = this.doors;
    return {
      clock,
      files,
      resolve,
      now,
      seed,
      decoder,
      nextNumber: () => {
        this.opened += 1;
        return this.opened;
      },
      store: (bodies, job) => this.store(bodies, job),
      onScraped: (job, outcome) => this.count(job, outcome),
      onProblem: (job, reason) => {
        increase(counters, METRICS.problems, { job });
        this.tell(`${job} discovery`, 'targets cannot be discovered', { job, reason });
      },
    };
  }

  private count(job: string, { problem, scraped, exemplars, repeated }: ScrapeOutcome): void {
    const { counters } = this.doors;
    increase(counters, METRICS.scrapes, { job, outcome: problem === null ? 'ok' : 'failed' });
    increase(counters, METRICS.samples, { job }, scraped);
    if (exemplars > 0) increase(counters, METRICS.exemplars, { job }, exemplars);
    if (repeated > 0) increase(counters, METRICS.refused, { job, reason: 'repeated' }, repeated);
  }

  private async store(bodies: readonly WriteRequestBody[], job: string): Promise<void> {
    for (const { body, encoding } of bodies) this.countOutcome(job, await this.doors.write(body, encoding, `scrape ${job}`));
  }

  private countOutcome(job: string, outcome: WriteOutcome): void {
    const { counters } = this.doors;
    if ('error' in outcome) {
      increase(counters, METRICS.refused, { job, reason: outcome.error });
      this.tell(`${job} store`, 'scraped samples cannot be stored', { job, reason: outcome.message });
      return;
    }
    for (const { reason, count } of outcome.refused) increase(counters, METRICS.refused, { job, reason }, count);
    const [first] = outcome.refused;
    if (first === undefined) this.told.delete(`${job} store`);
    else this.tell(`${job} store`, 'some scraped samples are refused', { job, reason: first.reason });
  }

  private tell(about: string, message: string, fields: { readonly job: string; readonly reason: string }): void {
    if (this.told.get(about) === fields.reason) return;
    this.told.set(about, fields.reason);
    this.doors.log.warn(message, fields);
  }
}

/** Whatever of a job changes makes it another one, but not where it stands in its file. */
function keyOf(job: ScrapeJob): string {
  return JSON.stringify({ ...job, source: null });
}
