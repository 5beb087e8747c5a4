import { queryOptions } from '@tanstack/react-query';
import { answer, client } from './client.ts';
import { keys } from './keys.ts';
import type { Host } from './types.ts';

export const hostsQuery = queryOptions({
  queryKey: keys.hosts,
  queryFn: ({ signal }) => answer(client.GET('/api/hosts', { signal })),
});

export function hostQuery(name: string) {
  return queryOptions({
    queryKey: [...keys.hosts, name],
    queryFn: ({ signal }): Promise<Host> => answer(client.GET('/api/hosts/{name}', { params: { path: { name } }, signal })),
  });
}
