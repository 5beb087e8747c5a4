import { queryOptions } from '@tanstack/react-query';
import { answer, client } from './client.ts';
import { keys } from './keys.ts';
import type { SeriesStatus } from './types.ts';

const TOP = 12;
const EVERY_MS = 5000;

/** How the series store is: what it holds, how it is kept, how it grows. */
export const seriesStatusQuery = queryOptions({
  queryKey: keys.seriesStatus,
  queryFn: ({ signal }): Promise<SeriesStatus> => answer(client.GET('/api/series/status', { params: { query: { top: TOP } }, signal })),
  refetchInterval: EVERY_MS,
});
