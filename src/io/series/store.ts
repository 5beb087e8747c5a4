import type { Labels } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import type { SeriesExemplars } from '../../core/series/find-exemplars.ts';
import type { Hold } from '../../core/series/hold.ts';
import type { Deleted, DeletionRefusal } from './deleting.ts';
import type { DeletionAsk } from './deletion.ts';
import type { WriteOutcome } from './engine.ts';
import type { Encoding } from './journal-record.ts';
import type { Cleaned } from './keeper.ts';
import type { Listing, MetricDescriptions, OwnSample, WatchedRule } from './messages.ts';
import type { QueryLimits, QueryAnswer } from './query-answer.ts';
import type { RecallAsk, RecallPlan, RecallStatus } from './recall.ts';
import type { Snapshot, SnapshotScope } from './snapshots.ts';
import type { SeriesHealth, SeriesStatus } from './status.ts';
import type { StoredAsk, StoredSamples } from './stored-samples.ts';
import type { VectorAsk } from './vector-asks.ts';

/** The limits of a query that differ from the defaults, and how its client says that it went away. */
export interface QuerySettings extends Partial<QueryLimits> {
  readonly signal?: AbortSignal;
}

/** The instants of a range query. */
export interface QueryGrid {
  readonly start: Millis;
  readonly end: Millis;
  readonly step: Millis;
}

/** What an expression gives at one moment: values with their labels. */
export interface Vector {
  readonly labels: readonly Labels[];
  /** NaN stands for a native histogram, too. */
  readonly values: Float64Array;
}

/** What can be done with samples that are kept here. */
export interface LocalSeries {
  /** Many instant vectors, in their order. `slow`: it has to be asked for with `instant`, because the others would wait for it. */
  vectors(asks: readonly VectorAsk[], at: Millis): Promise<readonly (Vector | { readonly error: string } | 'slow')[]>;
  /** How many series and samples a deletion would be about. */
  countDeletion(ask: DeletionAsk): Promise<Deleted>;
  /** True for every query when it resolves without an error, and for good. */
  delete(ask: DeletionAsk): Promise<DeletionRefusal | null>;
  /** From now on nothing deletes what it is about; null, or why it is not in force. */
  hold(hold: Omit<Hold, 'since'>): Promise<string | null>;
  /** Null, or why it is not lifted. */
  lift(name: string): Promise<string | null>;
  /** Gets back at once what deleted samples occupy; it happens by itself later. */
  clean(): Promise<Cleaned>;
  /** What bringing cold blocks back would be about. */
  planRecall(range: Pick<RecallAsk, 'from' | 'to'>): Promise<RecallPlan>;
  /** Brings them back; resolves when all are back, or cannot come. How far it is stands in the status. */
  recall(ask: Omit<RecallAsk, 'at'>): Promise<RecallStatus | { readonly error: string }>;
  /** Makes a snapshot; an error says why there is none. */
  snapshot(name: string | null, scope: SnapshotScope): Promise<Snapshot | { readonly error: string }>;
  snapshots(): Promise<readonly Snapshot[]>;
  /** Whether there was one. */
  removeSnapshot(name: string): Promise<boolean>;
}

/** The series store as the main thread sees it. Nothing here throws for what came from outside. */
export interface SeriesStore {
  /** Resolves when it can be used the first time; rejects when it cannot. */
  readonly opened: Promise<void>;
  /** Does it answer at once? */
  readonly isOpen: boolean;
  /** Takes a request body over (the memory may move to another thread). Without an error in the outcome its samples survive the death of the process. */
  write(body: Uint8Array, encoding: Encoding, source: string, protocol?: 1 | 2): Promise<WriteOutcome>;
  append(samples: readonly OwnSample[]): Promise<WriteOutcome>;
  instant(expr: string, at: Millis, settings?: QuerySettings): Promise<QueryAnswer>;
  range(expr: string, grid: QueryGrid, settings?: QuerySettings): Promise<QueryAnswer>;
  series(listing: Listing): Promise<readonly Labels[]>;
  labelNames(listing: Listing): Promise<readonly string[]>;
  labelValues(name: string, listing: Listing): Promise<readonly string[]>;
  /** The samples as they are stored, staleness markers among them. */
  samples(ask: StoredAsk): Promise<StoredSamples>;
  /** Exemplars of the series that satisfy one of the selectors. */
  exemplars(ask: Omit<Listing, 'limit'>): Promise<readonly SeriesExemplars[]>;
  /** What senders said of metrics. */
  metadata(): Promise<MetricDescriptions>;
  /** Replaces the rules that `onTouched` speaks of; the ids of those that cannot be parsed. */
  watch(rules: readonly WatchedRule[]): Promise<readonly string[]>;
  /** Called with the rules that read a series of a request, as soon as it is stored. */
  onTouched: (ids: readonly string[]) => void;
  /** Moves samples from memory to block files: what is due (happens by itself, too), or all. */
  keep(what: 'due' | 'all'): Promise<void>;
  /** `top`: how many of each list of the largest; 10 when it is not given. */
  status(top?: number): Promise<SeriesStatus>;
  /** Whether samples are taken and kept. */
  health(): Promise<SeriesHealth>;
  /** What only a store in the data folder can do; null: the samples are kept elsewhere. */
  readonly local: LocalSeries | null;
  close(): Promise<void>;
}
