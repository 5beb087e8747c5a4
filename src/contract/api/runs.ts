import { z } from 'zod';
import { Comment, endpoint, listOf, Millis, pageOf, Paging } from '../endpoint.ts';
import { AuditEntryView } from './audit.ts';

const RUN_STATES = [
  'awaiting approval',
  'queued',
  'starting',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'timed out',
  'cancelled',
  'rejected',
  'expired',
  'refused',
  'failed to start',
  'unknown',
] as const;
const VERIFICATIONS = ['waiting', 'fixed', 'not fixed', 'made worse'] as const;

export const ParameterValues = z.record(z.string().max(100), z.union([z.string().max(100_000), z.number(), z.boolean()]));

/** One attempt to execute an action, secrets masked. */
export const RunView = z
  .object({
    id: z.string(),
    action: z.string(),
    state: z.enum(RUN_STATES),
    final: z.boolean(),
    reason: z.string(),
    parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    argv: z.array(z.string()),
    host: z.string(),
    /** The user of that host whose rights its process has; null: the one of the agent. */
    runAs: z.string().nullable(),
    requestedBy: z.string(),
    comment: z.string(),
    trigger: z.string().nullable(),
    alert: z.string().nullable(),
    approvals: z.array(
      z.object({ by: z.string(), at: Millis, approve: z.boolean(), comment: z.string(), via: z.enum(['mail link']).optional() }),
    ),
    approvalsNeeded: z.number(),
    approvers: z.array(z.string()),
    /** Whether the person asking may decide it now. */
    mayDecide: z.boolean(),
    /** Why they may not; null: they may, or nothing is to be decided. */
    whyNot: z.string().nullable(),
    triggeredAt: Millis,
    /** While it waits for approval: when it expires. While it runs: when it is stopped. */
    deadline: Millis.nullable(),
    startedAt: Millis.nullable(),
    finishedAt: Millis.nullable(),
    durationMs: z.number().nullable(),
    exitCode: z.number().nullable(),
    signal: z.string().nullable(),
    spawnError: z.string().nullable(),
    outputBytes: z.number(),
    outputTruncated: z.boolean(),
    verification: z.enum(VERIFICATIONS).nullable(),
  })
  .meta({ id: 'Run' });

export const VariableView = z
  .object({ name: z.string(), value: z.string().nullable(), secret: z.string().nullable() })
  .meta({ id: 'Variable', description: 'A text, or the name of the stored secret that it holds' });

/** All that a run does, for whoever decides about it; of a secret only its name. */
const WorkView = z
  .object({
    argv: z.array(z.string()),
    /** What the argument number `at` stands for; those before it are the interpreter and its options. */
    script: z.object({ file: z.string(), sha256: z.string(), content: z.string(), at: z.number() }).nullable(),
    /** Sent by the agent instead of starting a program. */
    http: z
      .object({
        method: z.string(),
        url: z.string(),
        headers: z.array(VariableView),
        body: z.string().nullable(),
        expect: z.array(z.number()),
      })
      .nullable(),
    env: z.array(VariableView),
    timeoutMs: z.number(),
    outputLimitBytes: z.number(),
    memoryLimitBytes: z.number().nullable(),
    collect: z.array(z.string()),
  })
  .meta({ id: 'Work' });

/** One piece of output on the live stream; its event id is the offset after it, so that `Last-Event-ID` resumes exactly there. */
export const OutputChunk = z
  .object({ offset: z.number(), at: Millis, stream: z.enum(['stdout', 'stderr', 'note']), data: z.string().describe('base64') })
  .meta({ id: 'OutputChunk' });

export const runs = {
  list: endpoint({
    method: 'GET',
    path: '/api/runs',
    summary: 'The archive: every attempt, newest first',
    tag: 'runs',
    access: 'read',
    query: z.object({
      state: listOf(RUN_STATES).optional(),
      action: z.string().max(100).optional(),
      host: z.string().max(300).optional(),
      alert: z.string().max(100).optional(),
      requestedBy: z.string().max(200).optional(),
      verification: z.enum(VERIFICATIONS).optional(),
      text: z.string().max(200).optional(),
      from: z.coerce.number().int().optional(),
      to: z.coerce.number().int().optional(),
      ...Paging,
    }),
    response: pageOf(RunView),
  }),
  get: endpoint({
    method: 'GET',
    path: '/api/runs/{id}',
    summary: 'One run with its timeline',
    tag: 'runs',
    access: 'read',
    response: z.object({
      run: RunView,
      /** Null: the action was changed since, and this run of it does not start any more. */
      work: WorkView.nullable(),
      timeline: z.array(AuditEntryView),
    }),
  }),
  approve: endpoint({
    method: 'POST',
    path: '/api/runs/{id}/approve',
    summary: 'Let it run',
    tag: 'runs',
    access: 'decide',
    body: Comment,
    response: RunView,
  }),
  reject: endpoint({
    method: 'POST',
    path: '/api/runs/{id}/reject',
    summary: 'Do not let it run',
    tag: 'runs',
    access: 'decide',
    body: Comment,
    response: RunView,
  }),
  cancel: endpoint({
    method: 'POST',
    path: '/api/runs/{id}/cancel',
    summary: 'Stop it',
    tag: 'runs',
    access: 'cancel',
    body: Comment,
    response: RunView,
  }),
};
