import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { base } from './base.ts';
import { answer, client } from './client.ts';
import { keys } from './keys.ts';
import type { Run, Verification } from './types.ts';

/** Which runs a list shows; the words of the API, states comma-separated. */
export interface RunFilter {
  readonly state?: string;
  readonly action?: string;
  readonly host?: string;
  readonly alert?: string;
  readonly requestedBy?: string;
  readonly verification?: Verification;
  readonly text?: string;
  readonly from?: number;
  readonly to?: number;
}

export const OPEN_STATES = 'awaiting approval,queued,starting,running,cancelling';

export function loadRuns(filter: RunFilter, limit: number, cursor: string, signal?: AbortSignal) {
  return answer(
    client.GET('/api/runs', { params: { query: { ...filter, limit, ...(cursor !== '' && { cursor }) } }, signal: signal ?? null }),
  );
}

export function runsQuery(filter: RunFilter, limit = 50) {
  return infiniteQueryOptions({
    queryKey: [...keys.runs, filter, limit],
    queryFn: ({ pageParam, signal }) => loadRuns(filter, limit, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  });
}

export function runQuery(id: string) {
  return queryOptions({
    queryKey: keys.run(id),
    queryFn: ({ signal }) => answer(client.GET('/api/runs/{id}', { params: { path: { id } }, signal })),
  });
}

export type RunVerb = 'approve' | 'reject' | 'cancel';

export function changeRun(id: string, verb: RunVerb, comment: string): Promise<Run> {
  const request = { params: { path: { id } }, body: { comment } };
  if (verb === 'approve') return answer(client.POST('/api/runs/{id}/approve', request));
  if (verb === 'reject') return answer(client.POST('/api/runs/{id}/reject', request));
  return answer(client.POST('/api/runs/{id}/cancel', request));
}

/** Where the complete output can be downloaded, byte for byte. */
export function outputUrl(id: string): string {
  return `${base}/api/runs/${encodeURIComponent(id)}/output`;
}

/** Where the output can be followed from any byte on. */
export function liveOutputUrl(id: string): string {
  return `${outputUrl(id)}/live`;
}
