import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { ParameterValues, RunView, VariableView } from './runs.ts';

const ParameterView = z
  .object({
    name: z.string(),
    type: z.enum(['string', 'integer', 'number', 'enum', 'boolean', 'host', 'secret']),
    description: z.string(),
    required: z.boolean(),
    default: z.union([z.string(), z.number(), z.boolean()]).nullable(),
    pattern: z.string().nullable(),
    maxLength: z.number().nullable(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    values: z.array(z.string()).nullable(),
    allowDash: z.boolean(),
  })
  .meta({ id: 'Parameter' });

const ActionView = z
  .object({
    name: z.string(),
    description: z.string(),
    command: z.array(z.string()),
    /** What `FILE@sha256:...` in the command stands for; null: there is no such element. */
    script: z.object({ file: z.string(), sha256: z.string() }).nullable(),
    parameters: z.array(ParameterView),
    /** What the process finds in its environment: a text, or the name of a stored secret. */
    env: z.array(VariableView),
    tags: z.array(z.string()),
    owner: z.string(),
    runOn: z.string().nullable(),
    /** The user of the host that its process runs as; null: the one of the agent. */
    runAs: z.string().nullable(),
    timeoutMs: z.number(),
    approval: z.object({ by: z.array(z.string()), expiresMs: z.number(), count: z.number() }).nullable(),
    concurrency: z.number(),
    cooldownMs: z.number(),
    version: z.string(),
    file: z.string().nullable(),
    line: z.number(),
    /** The last run, if any, and how many are open. */
    lastRun: RunView.nullable(),
    openRuns: z.number(),
    mayRun: z.boolean(),
    /** Names of the triggers that start it. */
    triggers: z.array(z.string()),
  })
  .meta({ id: 'Action' });

/** What would run: shown before anything does. */
const Preview = z
  .object({
    argv: z.array(z.string()),
    host: z.string(),
    runAs: z.string().nullable(),
    hostConnected: z.boolean(),
    needsApproval: z.boolean(),
    problems: z.array(z.object({ path: z.string(), message: z.string() })),
    /** Why it cannot start now (cooldown, concurrency), null when it can. */
    held: z.string().nullable(),
  })
  .meta({ id: 'Preview' });

export const actions = {
  list: endpoint({
    method: 'GET',
    path: '/api/actions',
    summary: 'All actions',
    tag: 'actions',
    access: 'read',
    response: z.object({ items: z.array(ActionView) }),
  }),
  get: endpoint({
    method: 'GET',
    path: '/api/actions/{name}',
    summary: 'One action',
    tag: 'actions',
    access: 'read',
    response: ActionView,
  }),
  preview: endpoint({
    method: 'POST',
    path: '/api/actions/{name}/preview',
    summary: 'The exact command that these parameters give; starts nothing',
    tag: 'actions',
    access: 'run',
    body: z.object({ parameters: ParameterValues.default({}) }),
    response: Preview,
  }),
  run: endpoint({
    method: 'POST',
    path: '/api/actions/{name}/runs',
    summary: 'Ask for a run. The header Idempotency-Key makes a repeated request give the same run',
    tag: 'actions',
    access: 'run',
    body: z.object({
      parameters: ParameterValues.default({}),
      comment: z.string().max(4000).default(''),
      alert: z.string().max(100).optional(),
    }),
    response: z.object({ run: z.string(), state: z.string(), reason: z.string() }),
    status: 202,
  }),
};
