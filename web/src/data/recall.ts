import { queryOptions } from '@tanstack/react-query';
import { answer, client } from './client.ts';

/** A time whose cold blocks are to come back, in milliseconds, both ends included. */
export interface RecallRange {
  readonly start: number;
  readonly end: number;
}

/** What bringing back would be about. */
export function recallPlanQuery(range: RecallRange) {
  return queryOptions({
    queryKey: ['recall-plan', range.start, range.end],
    queryFn: ({ signal }) => answer(client.POST('/api/series/recalls', { body: body(range, { dryRun: true }), signal })),
    staleTime: 5_000,
  });
}

export function recall(range: RecallRange, { keep, reason }: { readonly keep: number; readonly reason: string }) {
  return answer(client.POST('/api/series/recalls', { body: body(range, { keep, reason }) }));
}

function body(range: RecallRange, wish: { readonly keep?: number; readonly reason?: string; readonly dryRun?: boolean }) {
  return { ...range, keep: wish.keep ?? 604_800_000, reason: wish.reason ?? '', dryRun: wish.dryRun ?? false };
}
