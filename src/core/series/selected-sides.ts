import type { Histogram } from '../promql/histogram.ts';
import type { SelectedSeries } from '../promql/source.ts';
import { HISTOGRAM } from './columns.ts';

/** Columns of samples, of perhaps many series. */
interface SidedColumns {
  readonly values: Float64Array;
  /** Null: all samples are numbers. */
  readonly stale: Uint8Array | null;
  readonly starts: Float64Array | null;
  readonly histograms: readonly Histogram[];
}

/** What the samples `[start, end)` of columns have besides times and values, as the query engine takes it. */
export function selectedSides(
  { values, stale, starts, histograms }: SidedColumns,
  start: number,
  end: number,
): Pick<SelectedSeries, 'stale' | 'histograms' | 'startTimes'> {
  const startTimes = starts?.subarray(start, end);
  const kinds = stale?.subarray(start, end);
  if (kinds === undefined || histograms.length === 0 || !kinds.includes(HISTOGRAM)) return { stale: kinds, startTimes };
  const found = Array.from(kinds, (kind, i) => (kind === HISTOGRAM ? (histograms[values[start + i] ?? -1] ?? null) : null));
  return { stale: kinds, histograms: found, startTimes };
}
