import type { Millis } from '../../core/base/time.ts';
import type { Counted } from '../../core/series/label-index.ts';
import type { Refusal } from '../../core/series/refusal.ts';
import { type Damage, damageOf } from './damage.ts';
import type { DiskStatus } from './disk-room.ts';
import type { KeepingRules, SeriesEngine } from './engine.ts';
import type { GrowthPoint } from './growth-log.ts';
import { type HeldStatus, heldStatus } from './held-status.ts';
import type { Purge } from './purge-log.ts';
import type { RecallStatus } from './recall.ts';
import type { ReplayReport } from './replay.ts';
import type { TierStatus } from './tiers/tier-keeper.ts';

/** One block file: which samples it holds, and how it is. */
export interface BlockStatus {
  readonly name: string;
  readonly from: Millis;
  readonly to: Millis;
  readonly series: number;
  readonly samples: number;
  readonly chunks: number;
  readonly bytes: number;
  /** `raw`, or the interval of a coarser resolution: `5m`. */
  readonly tier: string;
  /** In the cold folder. */
  readonly cold: boolean;
  /** It was brought back from there, and stays until then. */
  readonly keptUntil: Millis | null;
  readonly damagedChunks: number;
  /** Why it cannot be served; null when it can. */
  readonly problem: string | null;
}

/** How the series store is doing. */
export interface SeriesStatus {
  readonly series: number;
  /** Taken since the start, replay included. */
  readonly samples: number;
  readonly duplicates: number;
  readonly lateSamples: number;
  /** Exemplars that are kept, that gave way to newer ones, and that could not be taken. */
  readonly exemplars: { readonly kept: number; readonly displaced: number; readonly refused: number };
  /** Metrics of which type, help or unit are known. */
  readonly describedMetrics: number;
  readonly labelPairs: number;
  /** The metric names and the labels that make the most series and values. */
  readonly topNames: readonly Counted[];
  readonly topLabels: readonly Counted[];
  readonly topPairs: readonly Counted[];
  /** The labels whose values are the longest together, in bytes. */
  readonly topLabelBytes: readonly Counted[];
  /** Compressed and open pieces that samples are kept in, in memory and in blocks. */
  readonly chunks: number;
  readonly sources: readonly Counted[];
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
  readonly blocks: number;
  readonly blockBytes: number;
  readonly blockSamples: number;
  /** Chunks in block files that turned out to be damaged when they were read. */
  readonly damagedChunks: number;
  /** Block files that should be there and cannot be served. */
  readonly blockProblems: readonly { readonly name: string; readonly problem: string }[];
  readonly flushes: number;
  readonly merges: number;
  readonly expiredBlocks: number;
  /** What was deleted last because its time, or the room for it, was over; the oldest first. */
  readonly purges: readonly Purge[];
  /** The coarser tiers, from fine to coarse. */
  readonly tiers: readonly TierStatus[];
  /** Request bodies on their way to another server that keeps the series; null: they are kept here. */
  readonly forwarding: { readonly delivered: number; readonly refused: number; readonly waitingBytes: number } | null;
  /** How often the series without samples were forgotten. */
  readonly rebuilds: number;
  readonly damage: readonly Damage[];
  /** Why blocks could not be written, merged or removed the last time it was tried; null when they could. */
  readonly keepingProblem: string | null;
  /** Why the journal could not be written the last time it was tried; null when it could. */
  readonly journalProblem: string | null;
  /** Null: the series are kept by another server. */
  readonly disk: DiskStatus | null;
  readonly blockList: readonly BlockStatus[];
  /** Samples that are not in blocks yet. */
  readonly unwritten: { readonly samples: number; readonly from: Millis | null; readonly to: Millis | null };
  /** Deletions whose samples still occupy room. */
  readonly pendingDeletions: number;
  /** The blocks that were brought back last since the start; null: none. */
  readonly recall: RecallStatus | null;
  readonly held: HeldStatus;
  /** Null: another server's affair. */
  readonly rules: KeepingRules | null;
  /** Over the last minute; null while that is not known. */
  readonly samplesPerSecond: number | null;
  readonly growth: readonly GrowthPoint[];
}

/** The part of the status that says whether samples are taken and kept; it costs nothing to ask for. */
export type SeriesHealth = Pick<SeriesStatus, 'disk' | 'journalProblem' | 'keepingProblem' | 'forwarding' | 'damage' | 'purges'>;

export function seriesHealth(engine: SeriesEngine): SeriesHealth {
  const { disk, journalProblem, keeper } = engine;
  return {
    disk: disk.status(),
    journalProblem,
    keepingProblem: keeper.problem,
    forwarding: null,
    damage: damageOf(engine),
    purges: keeper.purges.last,
  };
}

/** `top`: how many of each list. */
export function seriesStatus(
  engine: SeriesEngine,
  { top, now }: { readonly top: number; readonly now: Millis },
): Omit<SeriesStatus, 'rebuilds' | 'recall' | 'samplesPerSecond' | 'growth'> {
  const { head, journal, keeper, replayed, requests } = engine;
  const { blocks } = keeper.blocks;
  const { parts } = head;
  const { index } = head.table;
  const largest = index.largest(top);
  const oldest = Math.min(...parts.map(({ minTime }) => minTime));
  const newest = Math.max(...parts.map(({ maxTime }) => maxTime));
  return {
    series: head.table.count,
    samples: head.samples,
    duplicates: head.duplicates,
    lateSamples: head.late,
    exemplars: { kept: head.exemplars.size, displaced: head.exemplars.displaced, refused: head.exemplars.refused },
    describedMetrics: head.catalogue.all.size,
    labelPairs: head.table.index.pairCount,
    topNames: index.largest(top, '__name__').pairs,
    topLabels: largest.labels,
    topPairs: largest.pairs,
    topLabelBytes: index.longest(top),
    chunks: head.chunks + sum(blocks, ({ footer }) => footer.chunks),
    sources: head.table.seriesBySource().map(({ source, series }) => ({ name: source, value: series })),
    memoryBytes: head.memoryBytes + sum(blocks, ({ memoryBytes }) => memoryBytes),
    journalBytes: journal.bytes,
    journalSegments: journal.segments,
    refused: head.refused.list(),
    requests: { ...requests },
    oldestSample: finite(oldest),
    newestSample: finite(newest),
    blocks: blocks.length,
    blockBytes: sum(blocks, ({ bytes }) => bytes),
    blockSamples: sum(blocks, ({ footer }) => footer.samples),
    damagedChunks: sum(blocks, ({ damagedChunks }) => damagedChunks),
    blockProblems: keeper.blocks.problems,
    flushes: keeper.flushes,
    merges: keeper.merges,
    expiredBlocks: keeper.expired,
    tiers: keeper.tiers?.status() ?? [],
    replay: { ...replayed },
    ...seriesHealth(engine),
    held: heldStatus(keeper, { now, retention: engine.rules.retention }),
    blockList: listBlocks(engine),
    unwritten: unwrittenOf(engine),
    rules: engine.rules,
    pendingDeletions: keeper.blocks.deletions.length,
  };
}

function unwrittenOf({ keeper }: SeriesEngine): SeriesStatus['unwritten'] {
  const tables = keeper.unwritten;
  return {
    samples: sum(tables, ({ samples }) => samples),
    from: finite(Math.min(...tables.map(({ minTime }) => minTime))),
    to: finite(Math.max(...tables.map(({ maxTime }) => maxTime))),
  };
}

function listBlocks({ keeper }: SeriesEngine): BlockStatus[] {
  const served = keeper.blocks.blocks.map(({ name, minTime, maxTime, footer, bytes, damagedChunks, isCold }) => ({
    name,
    from: minTime,
    to: maxTime,
    series: footer.series,
    samples: footer.samples,
    chunks: footer.chunks,
    bytes,
    tier: 'raw',
    cold: isCold,
    keptUntil: keeper.blocks.keptUntil(name),
    damagedChunks,
    problem: null,
  }));
  const lost = { from: 0, to: 0, series: 0, samples: 0, chunks: 0, bytes: 0, tier: 'raw', cold: false, keptUntil: null, damagedChunks: 0 };
  return [...served, ...keeper.blocks.problems.map(({ name, problem }) => ({ ...lost, name, problem }))];
}

function finite(time: Millis): Millis | null {
  return Number.isFinite(time) ? time : null;
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}
