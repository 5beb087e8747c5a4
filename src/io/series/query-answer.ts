import type { Labels } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import type { Histogram } from '../../core/promql/histogram.ts';
import type { QueryFailure } from '../../core/promql/query-error.ts';

/** The bounds of one query. */
export interface QueryLimits {
  /** How long it may take. */
  readonly timeout: Millis;
  /** How old the last sample of a series may be. */
  readonly lookback: Millis;
  /** Samples and points that it may hold in memory at once. */
  readonly samples: number;
}

/** Prometheus' defaults. */
export const DEFAULT_QUERY_LIMITS: QueryLimits = { timeout: 120_000, lookback: 300_000, samples: 50_000_000 };

/** What travels to the worker: the limits, and a word that becomes 1 when nobody waits for the answer any more. */
export interface QueryOptions extends QueryLimits {
  readonly cancel: SharedArrayBuffer | null;
}

/**
 * Series as columns: series `i` is `labels[i]` with the points `ends[i - 1]` (0 for the first) to `ends[i]` of `times` and `values`.
 */
export interface SeriesColumns {
  readonly labels: readonly Labels[];
  readonly ends: Uint32Array;
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** Native histograms by the place of their point, when there are any. */
  readonly histograms: ReadonlyMap<number, Histogram> | null;
}

/** What a query took: samples and points all in all and at once in memory, milliseconds to read the expression and to evaluate it. */
export interface QueryCost {
  readonly samples: number;
  readonly peak: number;
  readonly preparing: Millis;
  readonly evaluating: Millis;
  /** The resolutions that were read, from fine to coarse: `raw`, `5m`. */
  readonly tiers: readonly string[];
}

/** What a query answered: `vector` and `scalar` have one point a series for an instant query, and are a `matrix` in a range query. */
export type QueryAnswer =
  | {
      readonly result: 'vector' | 'matrix' | 'scalar';
      readonly series: SeriesColumns;
      readonly warnings: readonly string[];
      readonly infos: readonly string[];
      /** Null: the store does not tell. */
      readonly cost: QueryCost | null;
    }
  | {
      readonly result: 'string';
      readonly value: string;
      readonly warnings: readonly string[];
      readonly infos: readonly string[];
      readonly cost: QueryCost | null;
    }
  | {
      readonly result: 'error';
      /** `unavailable`: another server keeps the series and does not answer. */
      readonly error: 'bad-query' | 'unavailable' | QueryFailure;
      readonly message: string;
    };
