import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, client } from './client.ts';
import { keys } from './keys.ts';
import type { Alert, AlertDetail } from './types.ts';

/** Which alerts a list shows; the words of the API, lists comma-separated. */
export interface AlertFilter {
  readonly state?: string;
  readonly severity?: string;
  readonly host?: string;
  readonly rule?: string;
  readonly filter?: string;
  readonly text?: string;
}

export function alertsQuery(filter: AlertFilter, limit = 50) {
  return infiniteQueryOptions({
    queryKey: [...keys.alerts, filter, limit],
    queryFn: ({ pageParam, signal }) =>
      answer(
        client.GET('/api/alerts', { params: { query: { ...filter, limit, ...(pageParam !== '' && { cursor: pageParam }) } }, signal }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  });
}

export function alertQuery(id: string) {
  return queryOptions({
    queryKey: keys.alert(id),
    queryFn: ({ signal }): Promise<AlertDetail> => answer(client.GET('/api/alerts/{id}', { params: { path: { id } }, signal })),
  });
}

export type AlertVerb = 'acknowledge' | 'unacknowledge' | 'resolve';

export function changeAlert(id: string, verb: AlertVerb, comment: string): Promise<Alert> {
  const request = { params: { path: { id } }, body: { comment } };
  if (verb === 'acknowledge') return answer(client.POST('/api/alerts/{id}/acknowledge', request));
  if (verb === 'unacknowledge') return answer(client.POST('/api/alerts/{id}/unacknowledge', request));
  return answer(client.POST('/api/alerts/{id}/resolve', request));
}
