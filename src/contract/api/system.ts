import { z } from 'zod';
import { endpoint, Millis } from '../endpoint.ts';

/** One part of the server and how it is. */
const PartStatus = z
  .object({
    name: z.string(),
    state: z.enum(['ok', 'degraded', 'down']),
    message: z.string(),
    figures: z.record(z.string(), z.union([z.number(), z.string()])),
  })
  .meta({ id: 'PartStatus' });

const Status = z
  .object({ version: z.string(), startedAt: Millis, now: Millis, state: z.enum(['ok', 'degraded', 'down']), parts: z.array(PartStatus) })
  .meta({ id: 'Status' });

/** A future moment, for people. */
const DueView = z.object({ kind: z.string(), id: z.string(), at: Millis, what: z.string(), failures: z.number() }).meta({ id: 'Due' });

/** Numbers of the first page and the menu. */
const Overview = z
  .object({
    alerts: z.object({
      firing: z.number(),
      pending: z.number(),
      critical: z.number(),
      error: z.number(),
      warning: z.number(),
      notice: z.number(),
      unknown: z.number(),
    }),
    runs: z.object({
      open: z.number(),
      awaitingApproval: z.number(),
      lastDay: z.number(),
      lastDaySucceeded: z.number(),
      lastDayFixed: z.number(),
    }),
    recommendations: z.object({ active: z.number() }),
    hosts: z.object({ total: z.number(), connected: z.number() }),
  })
  .meta({ id: 'Overview' });

/** One event of `/api/live`: these things changed, ask again for what you show. `about` as in the audit log: `alert/ID`, `run/ID`, `host/NAME`, `samples`. */
export const LiveEvent = z.object({ seq: z.number(), about: z.array(z.string()) }).meta({ id: 'LiveEvent' });

/** The demonstration: a marker file in the agent's textfile directory that raises the alert `Demo`. */
const DemoState = z
  .object({ available: z.boolean(), active: z.boolean(), alert: z.string().nullable(), run: z.string().nullable() })
  .meta({ id: 'Demo' });

export const system = {
  status: endpoint({
    method: 'GET',
    path: '/api/status',
    summary: 'Every part: ok, degraded or down',
    tag: 'system',
    access: 'read',
    response: Status,
  }),
  overview: endpoint({
    method: 'GET',
    path: '/api/overview',
    summary: 'The numbers of the first page',
    tag: 'system',
    access: 'read',
    response: Overview,
  }),
  due: endpoint({
    method: 'GET',
    path: '/api/due',
    summary: 'What will happen next',
    tag: 'system',
    access: 'read',
    response: z.object({ items: z.array(DueView) }),
  }),
  demo: endpoint({
    method: 'GET',
    path: '/api/demo',
    summary: 'The state of the demonstration',
    tag: 'system',
    access: 'read',
    response: DemoState,
  }),
  tryDemo: endpoint({
    method: 'POST',
    path: '/api/demo',
    summary: 'Set the demonstration off',
    tag: 'system',
    access: 'try demo',
    response: DemoState,
  }),
};
