import type { MessagePort } from 'node:worker_threads';
import type { Labels } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import type { Matcher } from '../../core/promql/matcher.ts';
import type { HeadRules } from '../../core/series/head.ts';
import type { Deleted, DeletionRefusal } from './deleting.ts';
import type { DeletionAsk } from './deletion.ts';
import type { SeriesExemplars } from '../../core/series/find-exemplars.ts';
import type { Hold } from '../../core/series/hold.ts';
import type { MetricMetadata } from '../../core/series/metric-catalogue.ts';
import type { WriteOutcome, WriteRequest } from './engine.ts';
import type { MatchRule } from './matched-expiry.ts';
import type { Cleaned, KeeperOptions } from './keeper.ts';
import type { QueryOptions, QueryAnswer } from './query-answer.ts';
import type { RecallAsk, RecallPlan, RecallStatus } from './recall.ts';
import type { SnapshotScope } from './snapshots.ts';
import type { SeriesHealth, SeriesStatus } from './status.ts';
import type { StoredAsk, StoredSamples } from './stored-samples.ts';
import type { VectorAsks, VectorColumns } from './vector-asks.ts';

/** One sample that the product itself makes: its own metrics, ALERTS. */
export interface OwnSample {
  readonly labels: Labels;
  readonly value: number | 'stale';
  readonly at: Millis;
}

/** What a listing is about: series that satisfy one of the selectors (all, when there is none) with samples in the window. */
export interface Listing {
  readonly selectors: readonly (readonly Matcher[])[];
  readonly from: Millis;
  readonly to: Millis;
  readonly limit: number;
}

/** An expression and the instants to evaluate it at; an instant query has `start === end` and step 0. */
export interface QueryAsk {
  readonly expr: string;
  readonly start: Millis;
  readonly end: Millis;
  readonly step: Millis;
  readonly options: QueryOptions;
}

/** A rule and the expression whose series it reads. */
export interface WatchedRule {
  readonly id: string;
  readonly expr: string;
}

/** What is known of metrics, by name; where senders disagree, each opinion. */
export type MetricDescriptions = ReadonlyMap<string, readonly MetricMetadata[]>;

/** What the handle asks of the worker, and what each call answers. */
export interface Calls {
  readonly write: { readonly ask: WriteRequest; readonly answer: WriteOutcome };
  readonly append: { readonly ask: { readonly samples: readonly OwnSample[]; readonly at: Millis }; readonly answer: WriteOutcome };
  /** `elsewhere`: it looks at so many samples, or takes so long, that the query thread must do it. */
  readonly query: {
    readonly ask: QueryAsk;
    readonly answer: QueryAnswer | { readonly result: 'elsewhere'; readonly why: 'samples' | 'time' };
  };
  /** Many at once; writes have their turn between them. */
  readonly queries: { readonly ask: readonly QueryAsk[]; readonly answer: readonly Calls['query']['answer'][] };
  /** The instant vectors of rules; writes have their turn between them, too. */
  readonly vectors: { readonly ask: VectorAsks; readonly answer: VectorColumns };
  /** From now on the series thread answers the query thread at the other end of the port. */
  readonly serve: { readonly ask: { readonly port: MessagePort; readonly memory: SharedArrayBuffer }; readonly answer: null };
  readonly series: { readonly ask: Listing; readonly answer: readonly Labels[] };
  readonly labelNames: { readonly ask: Listing; readonly answer: readonly string[] };
  readonly labelValues: { readonly ask: Listing & { readonly name: string }; readonly answer: readonly string[] };
  readonly samples: { readonly ask: StoredAsk; readonly answer: StoredSamples };
  readonly exemplars: { readonly ask: Omit<Listing, 'limit'>; readonly answer: readonly SeriesExemplars[] };
  readonly metadata: { readonly ask: null; readonly answer: MetricDescriptions };
  readonly watch: { readonly ask: readonly WatchedRule[]; readonly answer: readonly string[] };
  /** Flush, merge and expire what is due at this time; `all` writes everything in memory to blocks. */
  readonly keep: { readonly ask: { readonly at: Millis; readonly what: 'due' | 'all' }; readonly answer: null };
  /** `top`: how many of each list of the largest. */
  readonly status: { readonly ask: { readonly top: number; readonly at: Millis }; readonly answer: SeriesStatus };
  readonly health: { readonly ask: null; readonly answer: SeriesHealth };
  /** How much a deletion would be about. */
  readonly countDeletion: { readonly ask: DeletionAsk; readonly answer: Deleted };
  readonly delete: { readonly ask: DeletionAsk & { readonly at: Millis }; readonly answer: DeletionRefusal | null };
  /** Null: it is in force, or lifted; else why it is not. */
  readonly hold: { readonly ask: Hold; readonly answer: string | null };
  readonly lift: { readonly ask: { readonly name: string }; readonly answer: string | null };
  /** Writes the blocks anew that hold deleted samples. */
  readonly clean: { readonly ask: null; readonly answer: Cleaned };
  readonly planRecall: { readonly ask: Pick<RecallAsk, 'from' | 'to'>; readonly answer: RecallPlan };
  /** Answers when all blocks are back, or cannot come. */
  readonly recall: { readonly ask: RecallAsk; readonly answer: { readonly error: string } | RecallStatus };
  /** Null: it is made. */
  readonly snapshot: {
    readonly ask: { readonly name: string; readonly scope: SnapshotScope; readonly at: Millis };
    readonly answer: { readonly error: string } | null;
  };
  readonly close: { readonly ask: null; readonly answer: null };
}

export type CallName = keyof Calls;

/** From the main thread to the worker. */
export type Ask = { readonly [K in CallName]: { readonly id: number; readonly call: K; readonly ask: Calls[K]['ask'] } }[CallName];

/** From the query thread to the main thread. */
export interface QueryTold {
  readonly id: number;
  readonly answer: QueryAnswer;
}

/** From the worker to the main thread. */
export type Told =
  | { readonly kind: 'open' }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Calls[CallName]['answer'] }
  | { readonly kind: 'fault'; readonly id: number; readonly message: string }
  | { readonly kind: 'touched'; readonly ids: readonly string[] };

/** What the worker is started with. */
export interface WorkerOptions {
  readonly folder: string;
  readonly rules: HeadRules;
  readonly bodyLimitBytes: number;
  readonly decodedLimitBytes: number;
  readonly segmentBytes: number;
  readonly exemplars: number | undefined;
  readonly minFreeBytes: number | null;
  /** Series that are kept shorter than others. */
  readonly keepMatching: readonly MatchRule[];
  readonly keeping: Omit<KeeperOptions, 'folder' | 'retention' | 'lateWindow'>;
  /** 'full': on the medium before the answer; 'second': at most a second later. */
  readonly sync: 'second' | 'full';
}
