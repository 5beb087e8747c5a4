import { z } from 'zod';
import { Comment, endpoint, LabelSet, listOf, Millis, pageOf, Paging } from '../endpoint.ts';
import { AuditEntryView } from './audit.ts';
import { RunView } from './runs.ts';
import { AdviceView } from './recommendations.ts';

const SeverityName = z.enum(['critical', 'error', 'warning', 'notice', 'none', 'unknown']);
const AlertStateName = z.enum(['pending', 'firing', 'resolved']);

/** An alert as lists show it. `labels` include the severity. */
const AlertView = z
  .object({
    id: z.string(),
    fingerprint: z.string(),
    name: z.string(),
    rule: z.string().nullable(),
    host: z.string().nullable(),
    labels: LabelSet,
    annotations: LabelSet,
    state: AlertStateName,
    severity: SeverityName,
    value: z.number().nullable(),
    activeAt: Millis,
    firedAt: Millis.nullable(),
    resolvedAt: Millis.nullable(),
    silentSince: Millis.nullable(),
    acknowledged: z.object({ by: z.string(), at: Millis, comment: z.string() }).nullable(),
    generatorUrl: z.string(),
    updatedAt: Millis,
  })
  .meta({ id: 'Alert' });

/** What one channel was told. */
const MessageView = z
  .object({
    id: z.string(),
    channel: z.string(),
    reason: z.string(),
    status: z.enum(['firing', 'resolved', 'info']),
    state: z.enum(['owed', 'sending', 'sent', 'given up']),
    subject: z.string(),
    attempts: z.number(),
    createdAt: Millis,
    sentAt: Millis.nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'Message' });

/** Everything about one alert: why it fired, who was told, what was done. */
const AlertDetail = z
  .object({
    alert: AlertView,
    /** The rule that judges it, for people; null for foreign alerts. */
    rule: z
      .object({
        name: z.string(),
        expr: z.string(),
        levels: z.array(z.object({ name: SeverityName, condition: z.string(), forMs: z.number() })),
        recovery: z.object({ condition: z.string(), forMs: z.number() }).nullable(),
        file: z.string().nullable(),
        line: z.number(),
      })
      .nullable(),
    /** One sentence per fact: which condition held since when, what is waited for. */
    explanation: z.array(z.string()),
    timeline: z.array(AuditEntryView),
    messages: z.array(MessageView),
    runs: z.array(RunView),
    recommendations: z.array(AdviceView),
  })
  .meta({ id: 'AlertDetail' });

export const alerts = {
  list: endpoint({
    method: 'GET',
    path: '/api/alerts',
    summary: 'Alerts, newest first',
    tag: 'alerts',
    access: 'read',
    query: z.object({
      state: listOf(['pending', 'firing', 'resolved']).optional(),
      severity: listOf(['critical', 'error', 'warning', 'notice', 'unknown']).optional(),
      rule: z.string().max(200).optional(),
      host: z.string().max(300).optional(),
      filter: z.string().max(2000).optional().describe('Alertmanager matchers: alertname="X", team=~"a|b"'),
      text: z.string().max(200).optional(),
      ...Paging,
    }),
    response: pageOf(AlertView),
  }),
  get: endpoint({
    method: 'GET',
    path: '/api/alerts/{id}',
    summary: 'One alert with its whole story',
    tag: 'alerts',
    access: 'read',
    response: AlertDetail,
  }),
  explain: endpoint({
    method: 'GET',
    path: '/api/alerts/{id}/explain',
    summary: 'Why it fires, and what is waited for',
    tag: 'alerts',
    access: 'read',
    response: z.object({ explanation: z.array(z.string()) }),
  }),
  acknowledge: endpoint({
    method: 'POST',
    path: '/api/alerts/{id}/acknowledge',
    summary: 'Say that somebody takes care',
    tag: 'alerts',
    access: 'acknowledge',
    body: Comment,
    response: AlertView,
  }),
  unacknowledge: endpoint({
    method: 'POST',
    path: '/api/alerts/{id}/unacknowledge',
    summary: 'Take the acknowledgement back',
    tag: 'alerts',
    access: 'acknowledge',
    body: Comment,
    response: AlertView,
  }),
  resolve: endpoint({
    method: 'POST',
    path: '/api/alerts/{id}/resolve',
    summary: 'End it by hand; it fires again if its rule still finds it',
    tag: 'alerts',
    access: 'resolve',
    body: Comment,
    response: AlertView,
  }),
};
