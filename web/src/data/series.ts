import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { alignedRange, type Columns } from './columns.ts';
import { keys } from './keys.ts';
import { queryInstant, queryRange } from './prometheus.ts';
import { serverNow } from './server-time.ts';

/** The part of time that charts show: the last `length`, or from-to. All in milliseconds. */
export type TimeRange =
  | { readonly kind: 'last'; readonly length: number }
  | { readonly kind: 'fixed'; readonly from: number; readonly to: number };

const LIVE_STEP_MS = 30_000;

/** The values of an expression in a range; refreshed with every sample where that shows, else by its own step. */
export function seriesQuery(expr: string, range: TimeRange, step: number) {
  const live = range.kind === 'last' && step <= LIVE_STEP_MS;
  return queryOptions({
    queryKey: [...(live ? keys.liveSeries : keys.slowSeries), expr, range, step],
    queryFn: ({ signal }): Promise<Columns> => queryRange({ expr, ...boundsOf(range, step) }, signal),
    placeholderData: keepPreviousData,
    staleTime: 1000,
    refetchInterval: range.kind === 'fixed' ? false : live ? 5000 : 60_000,
  });
}

/** The values of an expression at this moment, refreshed with every sample. */
export function instantQuery(expr: string) {
  return queryOptions({
    queryKey: [...keys.liveSeries, 'instant', expr],
    queryFn: ({ signal }) => queryInstant(expr, signal),
    placeholderData: keepPreviousData,
    staleTime: 1000,
    refetchInterval: 5000,
  });
}

/** Where a range begins and ends now, on multiples of the step. */
function boundsOf(range: TimeRange, step: number) {
  if (range.kind === 'last') return alignedRange(serverNow(), range.length, step);
  return alignedRange(range.to, range.to - range.from, step);
}
