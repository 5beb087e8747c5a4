import { z } from 'zod';
import { endpoint, Millis, pageOf, Paging } from '../endpoint.ts';

/** One line of the record: who did what, and why. */
export const AuditEntryView = z
  .object({ id: z.number(), at: Millis, who: z.string(), why: z.string(), about: z.array(z.string()) })
  .meta({ id: 'AuditEntry' });

export const audit = {
  list: endpoint({
    method: 'GET',
    path: '/api/audit',
    summary: 'Every change, newest first',
    tag: 'audit',
    access: 'administer',
    query: z.object({ about: z.string().max(200).optional().describe('alert/ID, run/ID, user/NAME ...'), ...Paging }),
    response: pageOf(AuditEntryView),
  }),
};
