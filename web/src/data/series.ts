import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { alignedRange, type Columns } from './columns.ts';
import { keys } from './keys.ts';
import { queryInstant, queryRange } from './prometheus.ts';
import { serverNow } from './server-time.ts';

/** The part of time that charts show: the last `length`, or from-to. All in milliseconds. */
export type TimeRange =
  | { readonly kind: 'last'; readonly length: number }
  | { readonly kind: 'fixed'; readonly from: number; readonly to: number };

const LEAST_MS = 5000;
const MOST_MS = 60_000;

/** The values of an expression in a range, for a chart: asked again in the rhythm of its step, because more would not show. */
export function seriesQuery(expr: string, range: TimeRange, step: number) {
  return queryOptions({
    queryKey: [...keys.slowSeries, expr, range, step],
    queryFn: ({ signal }): Promise<Columns> => queryRange({ expr, ...boundsOf(range, step) }, signal),
    placeholderData: keepPreviousData,
    staleTime: 1000,
    refetchInterval: range.kind === 'fixed' ? false : Math.min(MOST_MS, Math.max(LEAST_MS, step / 2)),
  });
}

/** The same for a few expressions that are watched: asked again as soon as a sample came. */
export function liveSeriesQuery(expr: string, range: TimeRange, step: number) {
  return queryOptions({ ...seriesQuery(expr, range, step), queryKey: [...keys.liveSeries, expr, range, step] });
}

/** The values of an expression at this moment. */
export function instantQuery(expr: string) {
  return queryOptions({
    queryKey: [...keys.slowSeries, 'instant', expr],
    queryFn: ({ signal }) => queryInstant(expr, signal),
    placeholderData: keepPreviousData,
    staleTime: 1000,
    refetchInterval: 2 * LEAST_MS,
  });
}

/** Where a range begins and ends now, on multiples of the step. */
function boundsOf(range: TimeRange, step: number) {
  if (range.kind === 'last') return alignedRange(serverNow(), range.length, step);
  return alignedRange(range.to, range.to - range.from, step);
}
