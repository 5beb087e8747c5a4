import type { Labels } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import type { Histogram } from '../../core/promql/histogram.ts';
import type { Matcher } from '../../core/promql/matcher.ts';

/** Prometheus' names for what can go wrong with a query. */
export type QueryErrorType = 'bad_data' | 'execution' | 'canceled' | 'timeout' | 'internal' | 'unavailable' | 'not_found';

export interface QueryError {
  readonly errorType: QueryErrorType;
  readonly error: string;
}

/** Limits and cancellation of one query. */
export interface QueryOptions {
  readonly timeout: Millis | null;
  readonly lookback: Millis | null;
  readonly signal: AbortSignal;
}

/** What a query took. */
export interface QueryCost {
  readonly samples: number;
  /** Samples and points in memory at once. */
  readonly peak: number;
  readonly preparing: Millis;
  readonly evaluating: Millis;
  /** The resolutions that were read, from fine to coarse: `raw`, `5m`. */
  readonly tiers: readonly string[];
}

/** Series as columns: series `i` has the samples `[starts[i], starts[i + 1])` of `times` and `values`. */
export interface SeriesColumns {
  readonly labels: readonly Labels[];
  /** One longer than `labels`. */
  readonly starts: Uint32Array;
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** The native histogram where the sample is one, else null; absent: there is none. */
  readonly histograms?: readonly (Histogram | null)[] | undefined;
}

export type QueryValue =
  | { readonly resultType: 'scalar'; readonly time: Millis; readonly value: number }
  | { readonly resultType: 'string'; readonly time: Millis; readonly value: string }
  | { readonly resultType: 'vector' | 'matrix'; readonly columns: SeriesColumns };

export type QueryAnswer =
  | QueryError
  | {
      readonly value: QueryValue;
      readonly warnings: readonly string[];
      readonly infos: readonly string[];
      /** Null: the store does not tell. */
      readonly cost: QueryCost | null;
    };

/** Which series a look-up is about: any of the selectors, with samples in the window. */
export interface SeriesQuestion {
  readonly selectors: readonly (readonly Matcher[])[];
  readonly start: Millis;
  readonly end: Millis;
  /** At most so many; 0: all. */
  readonly limit: number;
}

export type LookupAnswer<T> = QueryError | { readonly items: readonly T[]; readonly warnings: readonly string[] };

/** What became of a remote-write body. `bad` and `too-large` must not be sent again, `busy` and `unavailable` must. */
export type WriteOutcome =
  | {
      readonly samples: number;
      readonly histograms?: number;
      readonly exemplars?: number;
      /** What of it will never be taken, and why. */
      readonly refused: readonly { readonly reason: string; readonly count: number }[];
    }
  | { readonly error: 'bad' | 'too-large' | 'busy' | 'unavailable'; readonly message: string };

/** A remote-write body as it came. `source` names the sender: limits are counted for each. */
export interface WriteRequest {
  readonly body: Uint8Array;
  readonly encoding: 'snappy' | 'zstd';
  readonly source: string;
  readonly protocol: 1 | 2;
}

/** Which stored samples: of the series that satisfy one of the selectors, both ends of the window included. */
export interface StoredQuestion {
  readonly selectors: readonly (readonly Matcher[])[];
  readonly start: Millis;
  readonly end: Millis;
  /** All of each series, or the last of each only. */
  readonly which: 'all' | 'last';
  /** More are not looked at: the answer is then an error. */
  readonly sampleLimit: number;
}

/** Stored samples, staleness markers among them: series `i` has the samples up to `ends[i]`. */
export interface StoredSamples {
  readonly labels: readonly Labels[];
  readonly ends: readonly number[];
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** 1: a staleness marker; 2: a native histogram. */
  readonly stale: Uint8Array;
  /** Packed (`unpackHistograms`); the value of a sample that is a histogram is its place among them. */
  readonly histograms?: Uint8Array | null;
}

/** A series and its exemplars, in the order of time. */
export interface SeriesExemplars {
  readonly labels: Labels;
  readonly exemplars: readonly { readonly labels: Labels; readonly value: number; readonly time: Millis }[];
}

/** What is known of a metric besides its samples. */
export interface Metadata {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

interface Counted {
  readonly name: string;
  readonly value: number;
}

/** A block file: its name, what it holds, and when. */
export interface BlockStatus {
  readonly name: string;
  readonly from: Millis;
  readonly to: Millis;
  readonly series: number;
  readonly samples: number;
  readonly chunks: number;
}

/** Numbers of the store for `status/*`. */
export interface SeriesStatus {
  readonly numSeries: number;
  readonly numLabelPairs: number;
  readonly chunkCount: number;
  readonly minTime: Millis;
  readonly maxTime: Millis;
  readonly seriesCountByMetricName: readonly Counted[];
  readonly labelValueCountByLabelName: readonly Counted[];
  readonly memoryInBytesByLabelName: readonly Counted[];
  readonly seriesCountByLabelValuePair: readonly Counted[];
  /** Files of the journal. */
  readonly journalSegments: number;
  /** The block files with samples as they came. */
  readonly blocks: readonly BlockStatus[];
  /** Records and chunks that were found damaged. */
  readonly damaged: number;
}

/** The bounds of a query that names none. */
export interface SeriesLimits {
  readonly timeout: Millis;
  readonly lookback: Millis;
  readonly samples: number;
}

/** The series store, as the HTTP API needs it. An expression that cannot be read is `bad_data` with its position. */
export interface SeriesPart {
  write(request: WriteRequest): Promise<WriteOutcome>;
  instant(expr: string, at: Millis, options: QueryOptions): Promise<QueryAnswer>;
  range(
    expr: string,
    window: { readonly start: Millis; readonly end: Millis; readonly step: Millis },
    options: QueryOptions,
  ): Promise<QueryAnswer>;
  series(question: SeriesQuestion): Promise<LookupAnswer<Labels>>;
  labelNames(question: SeriesQuestion): Promise<LookupAnswer<string>>;
  labelValues(name: string, question: SeriesQuestion): Promise<LookupAnswer<string>>;
  /** In the order of the labels. */
  exemplars(question: Omit<SeriesQuestion, 'limit'>): Promise<QueryError | { readonly items: readonly SeriesExemplars[] }>;
  /** What senders said, by metric; where they disagree, each opinion. */
  metadata(): Promise<QueryError | { readonly items: ReadonlyMap<string, readonly Metadata[]> }>;
  stored(question: StoredQuestion): Promise<QueryError | StoredSamples>;
  readonly limits: SeriesLimits;
  status(limit: number): Promise<SeriesStatus>;
}
