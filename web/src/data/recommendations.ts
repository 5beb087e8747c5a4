import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, client } from './client.ts';
import { keys } from './keys.ts';
import type { Recommendation } from './types.ts';

export function recommendationsQuery(active: boolean, limit = 50) {
  return infiniteQueryOptions({
    queryKey: [...keys.recommendations, active, limit],
    queryFn: ({ pageParam, signal }) =>
      answer(
        client.GET('/api/recommendations', {
          params: { query: { limit, ...(active && { active: 'true' as const }), ...(pageParam !== '' && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  });
}

export type RecommendationVerb = 'acknowledge' | 'helped' | 'did-not-help';

export function changeRecommendation(id: string, verb: RecommendationVerb, comment: string): Promise<Recommendation> {
  const request = { params: { path: { id } }, body: { comment } };
  if (verb === 'acknowledge') return answer(client.POST('/api/recommendations/{id}/acknowledge', request));
  if (verb === 'helped') return answer(client.POST('/api/recommendations/{id}/helped', request));
  return answer(client.POST('/api/recommendations/{id}/did-not-help', request));
}
