import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, client } from './client.ts';
import { keys } from './keys.ts';
import type { Demo, Overview, Status } from './types.ts';

export const overviewQuery = queryOptions({
  queryKey: keys.overview,
  queryFn: ({ signal }): Promise<Overview> => answer(client.GET('/api/overview', { signal })),
});

export const statusQuery = queryOptions({
  queryKey: keys.status,
  queryFn: ({ signal }): Promise<Status> => answer(client.GET('/api/status', { signal })),
  refetchInterval: 5000,
});

export const dueQuery = queryOptions({
  queryKey: keys.due,
  queryFn: ({ signal }) => answer(client.GET('/api/due', { signal })),
  refetchInterval: 15_000,
});

export const demoQuery = queryOptions({
  queryKey: keys.demo,
  queryFn: ({ signal }): Promise<Demo> => answer(client.GET('/api/demo', { signal })),
});

export function tryDemo(): Promise<Demo> {
  return answer(client.POST('/api/demo'));
}

export function auditQuery(about: string, limit = 100) {
  return infiniteQueryOptions({
    queryKey: [...keys.audit, about, limit],
    queryFn: ({ pageParam, signal }) =>
      answer(
        client.GET('/api/audit', {
          params: { query: { limit, ...(about !== '' && { about }), ...(pageParam !== '' && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  });
}
