import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './error.ts';
import { keys } from './keys.ts';

/** Keeps answers; asks again once when the server was busy, never when it said no; and notices that the session ended. */
export function createQueries(): QueryClient {
  const noticeSignOut = (error: unknown): void => {
    if (error instanceof ApiError && error.code === 'unauthenticated') void queries.invalidateQueries({ queryKey: keys.session });
  };
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError: noticeSignOut }),
    mutationCache: new MutationCache({ onError: noticeSignOut }),
    defaultOptions: {
      // Servers on closed networks answer although the browser believes to be offline.
      // The stream of changes refreshes what is shown; the slow round is for what a proxy on the way may have swallowed.
      queries: { networkMode: 'always', staleTime: 30_000, refetchInterval: 20_000, retry: mayHelp, retryDelay: 800 },
      mutations: { networkMode: 'always', retry: false },
    },
  });
  return queries;
}

function mayHelp(failures: number, error: Error): boolean {
  if (error instanceof ApiError && !['offline', 'unavailable', 'internal'].includes(error.code)) return false;
  return failures < 1;
}
