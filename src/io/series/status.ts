import type { Millis } from '../../core/base/time.ts';
import type { Refusal } from '../../core/series/refusal.ts';
import type { SeriesEngine } from './engine.ts';
import type { ReplayReport } from './replay.ts';

/** How the series store is doing. */
export interface SeriesStatus {
  readonly series: number;
  /** Taken since the start, replay included. */
  readonly samples: number;
  readonly duplicates: number;
  readonly lateSamples: number;
  readonly labelPairs: number;
  readonly memoryBytes: number;
  readonly journalBytes: number;
  readonly journalSegments: number;
  /** Samples refused since the start, by reason. */
  readonly refused: readonly { readonly reason: Refusal; readonly count: number }[];
  readonly requests: { readonly taken: number; readonly bad: number; readonly tooLarge: number; readonly unavailable: number };
  /** Null while there is no sample. */
  readonly oldestSample: Millis | null;
  readonly newestSample: Millis | null;
  readonly replay: ReplayReport;
  /** Why the journal could not be written the last time it was tried; null when it could. */
  readonly journalProblem: string | null;
}

export function seriesStatus({ head, journal, replayed, requests, journalProblem }: SeriesEngine): SeriesStatus {
  const { parts } = head;
  const oldest = Math.min(...parts.map(({ minTime }) => minTime));
  const newest = Math.max(...parts.map(({ maxTime }) => maxTime));
  return {
    series: head.table.count,
    samples: head.samples,
    duplicates: head.duplicates,
    lateSamples: head.late,
    labelPairs: head.table.index.pairCount,
    memoryBytes: head.memoryBytes,
    journalBytes: journal.bytes,
    journalSegments: journal.segments,
    refused: head.refused.list(),
    requests: { ...requests },
    oldestSample: Number.isFinite(oldest) ? oldest : null,
    newestSample: Number.isFinite(newest) ? newest : null,
    replay: { ...replayed },
    journalProblem,
  };
}
