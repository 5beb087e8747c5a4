import { hostname } from 'node:os';
import { systemClock } from '../io/clock.ts';
import { systemFiles } from '../io/files.ts';
import type { Decoder } from '../io/intake/messages.ts';
import type { ScrapePool } from '../io/scrape/scrape-pool.ts';
import { Scraper } from '../io/scrape/scraper.ts';
import type { ActiveTarget, ScrapingPart } from '../server/prometheus-api/scraping-part.ts';
import { announcedWrite } from './intake.ts';
import type { ComposeInput, Shared } from './opened.ts';

/** The scraping of targets, as the configuration says; it follows every reload. */
export interface Scraping {
  readonly part: ScrapingPart;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function openScraping({ series, secrets, settings, counters, live }: Shared, { log }: ComposeInput, decoder: Decoder): Scraping {
  const scraper = new Scraper({
    clock: systemClock,
    files: systemFiles,
    resolve: (secret) => secrets.resolve(secret),
    now: systemClock.now,
    seed: hostname(),
    decoder,
    counters,
    log,
    write: announcedWrite({ series, live }),
  });
  let isRunning = false;
  settings.onChange(async (current) => {
    if (isRunning) await scraper.apply(current.scrapeJobs);
  });
  return {
    part: {
      pools: () => scraper.pools.map(({ job }) => job.name),
      active: () => scraper.pools.flatMap(activeOf),
      dropped: () => scraper.pools.map(({ job, dropped, droppedCount }) => ({ pool: job.name, count: droppedCount, discovered: dropped })),
      job: (pool) => scraper.pools.find(({ job }) => job.name === pool)?.job ?? null,
    },
    start: async () => {
      isRunning = true;
      await scraper.apply(settings.current().scrapeJobs);
    },
    stop: async () => {
      isRunning = false;
      await scraper.stop();
    },
  };
}

function activeOf({ job, loops }: ScrapePool): readonly ActiveTarget[] {
  return [...loops.values()].map(({ target, state, families }) => ({
    pool: job.name,
    labels: target.labels,
    discovered: target.discovered,
    url: target.url,
    interval: target.interval,
    timeout: target.timeout,
    health: state.health,
    problem: state.problem,
    scrapedAt: state.at,
    duration: state.duration,
    families,
  }));
}
