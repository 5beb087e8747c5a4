import { z } from 'zod';
import { Comment, endpoint, Millis, Paging } from '../endpoint.ts';

/** Instructions shown for one alert. `instructions` is Markdown from people: show it through a sanitizer only. */
export const AdviceView = z
  .object({
    id: z.string(),
    recommendation: z.string(),
    title: z.string(),
    responsible: z.string(),
    contact: z.string(),
    instructions: z.string(),
    documents: z.array(z.object({ name: z.string(), url: z.string(), bytes: z.number().nullable() })),
    alert: z.string(),
    alertName: z.string(),
    alertState: z.string(),
    host: z.string().nullable(),
    state: z.enum(['active', 'acknowledged', 'helped', 'did not help', 'over']),
    by: z.string().nullable(),
    comment: z.string(),
    openedAt: Millis,
    closedAt: Millis.nullable(),
  })
  .meta({ id: 'Recommendation' });

export const recommendations = {
  list: endpoint({
    method: 'GET',
    path: '/api/recommendations',
    summary: 'Instructions shown for alerts, newest first',
    tag: 'recommendations',
    access: 'read',
    query: z.object({ active: z.enum(['true', 'false']).optional(), alert: z.string().max(100).optional(), ...Paging }),
    response: z.object({ items: z.array(AdviceView), next: z.string().nullable() }),
  }),
  acknowledge: endpoint({
    method: 'POST',
    path: '/api/recommendations/{id}/acknowledge',
    summary: 'Say that somebody follows it',
    tag: 'recommendations',
    access: 'acknowledge',
    body: Comment,
    response: AdviceView,
  }),
  helped: endpoint({
    method: 'POST',
    path: '/api/recommendations/{id}/helped',
    summary: 'It helped',
    tag: 'recommendations',
    access: 'acknowledge',
    body: Comment,
    response: AdviceView,
  }),
  didNotHelp: endpoint({
    method: 'POST',
    path: '/api/recommendations/{id}/did-not-help',
    summary: 'It did not help',
    tag: 'recommendations',
    access: 'acknowledge',
    body: Comment,
    response: AdviceView,
  }),
};
