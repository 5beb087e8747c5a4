import type { Labels } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import type { ScrapeJob } from '../../core/scrape/scrape-job.ts';
import type { ScrapedFamily } from '../../core/scrape/target-memory.ts';

/** A target that is scraped, and how the last scrape went. */
export interface ActiveTarget {
  readonly pool: string;
  readonly labels: Labels;
  readonly discovered: Labels;
  readonly url: string;
  readonly interval: Millis;
  readonly timeout: Millis;
  readonly health: 'unknown' | 'up' | 'down';
  /** Why the last scrape failed; empty when it did not. */
  readonly problem: string;
  /** Null: not scraped yet. */
  readonly scrapedAt: Millis | null;
  readonly duration: Millis;
  /** What the last good answer said of its metrics, by name. */
  readonly families: ReadonlyMap<string, ScrapedFamily>;
}

/** The targets of a job that relabelling dropped; of very many only the first. */
export interface DroppedTargets {
  readonly pool: string;
  readonly count: number;
  readonly discovered: readonly Labels[];
}

/** What is scraped, as the HTTP API shows it. */
export interface ScrapingPart {
  readonly pools: () => readonly string[];
  readonly active: () => readonly ActiveTarget[];
  readonly dropped: () => readonly DroppedTargets[];
  /** The job of a pool; null: there is none of the name. */
  readonly job: (pool: string) => ScrapeJob | null;
}
