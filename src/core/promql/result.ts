import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import type { Histogram } from './histogram.ts';
import type { QueryFailure } from './query-error.ts';

/** One series of a result. At position `i` it has the number `values[i]` or the histogram `histograms[i]` of the instant `times[i]`. */
export interface ResultSeries {
  readonly labels: Labels;
  /** The same array for all series that were evaluated on the grid. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** 0 = nothing at this position, 1 = a number, 2 = a histogram. */
  readonly present: Uint8Array;
  readonly histograms: readonly (Histogram | null)[] | null;
}

/** The result of a query. A matrix from a range query, or from a range expression in an instant query, is sorted by labels. */
export type QueryResult =
  | { readonly type: 'scalar'; readonly time: Millis; readonly value: number }
  | { readonly type: 'string'; readonly time: Millis; readonly value: string }
  | { readonly type: 'vector'; readonly time: Millis; readonly series: readonly ResultSeries[] }
  | { readonly type: 'matrix'; readonly series: readonly ResultSeries[] };

/** What came of a query. Notes are complete texts with the place they speak of; `samples` is how many samples and points it took, `peak` how many it held at once. */
export type QueryOutcome =
  | {
      readonly ok: true;
      readonly result: QueryResult;
      readonly warnings: readonly string[];
      readonly infos: readonly string[];
      readonly samples: number;
      readonly peak: number;
    }
  | {
      readonly ok: false;
      readonly failure: QueryFailure;
      readonly message: string;
      readonly warnings: readonly string[];
      readonly infos: readonly string[];
    };
