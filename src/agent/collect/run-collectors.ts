import type { Millis } from '../../core/base/time.ts';
import { type Collector, type Metric, metric, type Sources } from './collector.ts';

export interface Measured {
  readonly metrics: readonly Metric[];
  /** How long each collector took and whether it succeeded. */
  readonly outcomes: readonly Metric[];
  readonly failed: number;
}

/** Runs collectors side by side, so that none waits for another. */
export interface CollectorRuns {
  /**
   * What all of them measured. One that fails, or takes longer than the patience, gives nothing this time and is said to have failed; one
   * that still hangs from an earlier time is not started again.
   */
  run(collectors: readonly Collector[], from: Sources, patience: Millis): Promise<Measured>;
}

export type WhyFailed = (collector: string, why: string) => void;

export function openCollectorRuns(told: WhyFailed): CollectorRuns {
  const running = new Set<string>();
  const failing = new Set<string>();

  async function runOne(collector: Collector, from: Sources, patience: Millis): Promise<readonly Metric[] | string> {
    if (running.has(collector.name)) return 'it has not come back from an earlier time';
    running.add(collector.name);
    const waiting = new AbortController();
    const work = begin(collector, from).finally(() => {
      running.delete(collector.name);
      waiting.abort();
    });
    const late = from.clock
      .wait(patience, waiting.signal)
      .then(() => (running.has(collector.name) ? `it took longer than ${patience} ms` : work));
    return Promise.race([work, late]);
  }

  async function measure(collector: Collector, from: Sources, patience: Millis): Promise<Measured> {
    const began = from.clock.elapsed();
    const outcome = await runOne(collector, from, patience);
    const seconds = (from.clock.elapsed() - began) / 1_000;
    const failed = typeof outcome === 'string';
    // Told once per failure that lasts, not every ten seconds.
    if (failed && !failing.has(collector.name)) told(collector.name, outcome);
    if (failed) failing.add(collector.name);
    else failing.delete(collector.name);
    const labels = { collector: collector.name };
    const outcomes = [
      metric('node_scrape_collector_duration_seconds', seconds, labels),
      metric('node_scrape_collector_success', failed ? 0 : 1, labels),
    ];
    return { metrics: failed ? [] : outcome, outcomes, failed: failed ? 1 : 0 };
  }

  return {
    run: async (collectors, from, patience) => {
      const results = await Promise.all(collectors.map((collector) => measure(collector, from, patience)));
      return {
        metrics: results.flatMap(({ metrics }) => metrics),
        outcomes: results.flatMap(({ outcomes }) => outcomes),
        failed: results.reduce((sum, { failed }) => sum + failed, 0),
      };
    },
  };
}

async function begin(collector: Collector, from: Sources): Promise<readonly Metric[] | string> {
  try {
    return await collector.collect(from);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
