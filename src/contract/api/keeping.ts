import { z } from 'zod';
import { endpoint, Millis } from '../endpoint.ts';

const Unreadable = z.array(z.object({ name: z.string(), problem: z.string() }));

/** What is done with samples that are old: they come back from the cold folder, and what is under a hold is not deleted. */
export const keeping = {
  recall: endpoint({
    method: 'POST',
    path: '/api/series/recalls',
    summary: 'Bring blocks back from the cold folder for a while, or count how many that would be; how far it is stands in the status',
    tag: 'series',
    access: 'administer',
    body: z.object({
      start: Millis.optional(),
      end: Millis.optional(),
      keep: z.number().int().min(60_000).default(604_800_000).describe('milliseconds that they stay, whatever their age'),
      reason: z.string().max(1_000).default('').describe('for the audit log'),
      dryRun: z.boolean().default(false).describe('count only'),
    }),
    response: z.object({
      blocks: z.number().describe('that come back'),
      bytes: z.number().describe('what they occupy in the cold folder'),
      back: z.number().describe('blocks that are back already, and stay longer now'),
      until: Millis.describe('so long they stay'),
      unreadable: Unreadable.describe('cold blocks that cannot be read, perhaps with samples of that time'),
      started: z.boolean(),
    }),
  }),
  hold: endpoint({
    method: 'POST',
    path: '/api/series/holds',
    summary: 'Let nothing delete these samples until the hold is lifted; what is held stands in the status',
    tag: 'series',
    access: 'administer',
    body: z.object({
      name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
      match: z.array(z.string().min(1).max(10_000)).min(1).max(100).describe('selectors; samples of any of them'),
      start: Millis.optional(),
      end: Millis.optional().describe('later samples, too, if absent'),
      reason: z.string().min(1).max(1_000),
    }),
    response: z.object({ name: z.string(), from: Millis.nullable(), to: Millis.nullable() }).describe('whole days'),
    status: 201,
  }),
  lift: endpoint({
    method: 'POST',
    path: '/api/series/holds/{name}/lift',
    summary: 'End a hold: what it kept is deleted when its time is over',
    tag: 'series',
    access: 'administer',
    body: z.object({ reason: z.string().max(1_000).default('').describe('for the audit log') }),
    response: null,
    status: 204,
  }),
};
