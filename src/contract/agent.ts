import { z } from 'zod';
import { Millis } from './endpoint.ts';

/**
 * What agent and server say to each other, besides samples over remote write. The agent calls out only:
 * `POST hello` once per connection, then `GET orders?host&session` stays open and carries one JSON order a line (an empty line every
 * 10 s keeps it alive), and `POST reports?host` delivers what happened, in order; a report that was answered with 2xx is durable and
 * is not sent again. The newest session of a host wins: 409 on `orders` means say hello again.
 */
export const AGENT_PATHS = { hello: '/api/agent/hello', orders: '/api/agent/orders', reports: '/api/agent/reports' } as const;

/** The agent introduces itself. `runs` are the orders it still knows, so that the server can tell lost ones from running ones. */
export const Hello = z.object({
  host: z.string().min(1).max(300),
  os: z.string().max(200),
  version: z.string().max(100),
  local: z.boolean(),
  labels: z.record(z.string().max(200), z.string().max(1000)),
  allowedActions: z.array(z.string().max(100)).max(1000).nullable(),
  runs: z.array(z.object({ run: z.string().max(100), state: z.enum(['accepted', 'running', 'finished']) })).max(10_000),
});
export type Hello = z.infer<typeof Hello>;

const run = z.string().min(1).max(100);

/** `session` goes with `GET orders`; `offsets` say up to where the server has the output of each run that the hello named. */
export const HelloAnswer = z.object({ session: z.string().max(100), offsets: z.record(z.string(), z.number()) });
export type HelloAnswer = z.infer<typeof HelloAnswer>;

/** One line of `GET orders`. The same order may come again: the agent starts it at most once and refuses an older fence. */
export const OrderLine = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run'),
    run,
    fence: z.number().int(),
    action: z.string(),
    argv: z.array(z.string()).min(1),
    /** The element `at` of argv stands for a file with this content; `sha256` is of its UTF-8, in hex. */
    script: z
      .object({ at: z.number().int(), content: z.string().max(256 * 1024), sha256: z.string() })
      .nullable()
      .default(null),
    /** Sent by the agent instead of starting a program. */
    http: z
      .object({
        method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
        url: z.string(),
        headers: z.record(z.string(), z.string()),
        body: z.string().nullable(),
        expect: z.array(z.number().int()),
      })
      .nullable()
      .default(null),
    /** The user whose rights the process has; null: those of the agent. */
    runAs: z.string().min(1).max(64).nullable().default(null),
    env: z.record(z.string(), z.string()),
    secrets: z.array(z.string()),
    timeout: z.number().int().positive(),
    outputLimitBytes: z.number().int().positive(),
    /** Of all its processes together; null: what the agent allows. */
    memoryLimitBytes: z.number().int().positive().nullable().default(null),
    collect: z.array(z.string()),
  }),
  z.object({ type: z.literal('cancel'), run }),
]);
export type OrderLine = z.infer<typeof OrderLine>;

/**
 * One fact about one run. `output` chunks carry consecutive bytes: `offset` is the length of everything before it, so a repeated one
 * is recognised. `finished` comes after the last chunk and says how long the output is.
 */
export const Report = z.discriminatedUnion('type', [
  z.object({ type: z.literal('accepted'), run, fence: z.number().int(), at: Millis }),
  z.object({ type: z.literal('started'), run, fence: z.number().int(), at: Millis, pid: z.number().int() }),
  z.object({
    type: z.literal('output'),
    run,
    offset: z.number().int().min(0),
    at: Millis,
    stream: z.enum(['stdout', 'stderr', 'note']),
    data: z.string().max(400_000).describe('base64'),
  }),
  z.object({
    type: z.literal('finished'),
    run,
    fence: z.number().int(),
    at: Millis,
    /** `exit`: it ended by itself; `refused`: the agent's own rules say no; `lost`: the agent died while it ran, nobody knows the outcome. */
    how: z.enum(['exit', 'timeout', 'cancelled', 'output limit', 'memory limit', 'spawn error', 'refused', 'lost']),
    exitCode: z.number().int().nullable(),
    signal: z.string().max(20).nullable(),
    message: z.string().max(4000),
    outputBytes: z.number().int().min(0),
    outputTruncated: z.boolean(),
  }),
]);
export type Report = z.infer<typeof Report>;

export const Reports = z.object({ reports: z.array(Report).max(1000) });
/**
 * `offsets`: up to which offset the server has the output of each run it was sent chunks of; the agent goes on from there. `settled`:
 * the runs whose `finished` it has together with all their output (or that it does not know, or that another host executes): the
 * agent forgets them.
 */
export const ReportsAnswer = z.object({ offsets: z.record(z.string(), z.number()), settled: z.array(z.string()) });
export type ReportsAnswer = z.infer<typeof ReportsAnswer>;
