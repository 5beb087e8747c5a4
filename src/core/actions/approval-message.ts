import { formatActor } from '../access/actor.ts';
import { formatInstant } from '../base/calendar.ts';
import type { Asked, Message } from '../notify/group.ts';
import { sha256 } from '../base/sha256.ts';
import type { Run } from './run.ts';

/** To whom one message about a waiting run goes. */
export type ApprovalAddressee =
  | { readonly channel: string; readonly person: null }
  /** `links`: may decide, and gets a link for each decision; `notice`: is only told. */
  | { readonly channel: string; readonly person: string; readonly offer: Asked['offer'] };

/** What a channel or a person is told when a run waits for somebody to decide: who asks, why, the exact command, until when, and where to decide. */
export function approvalMessage(run: Run, to: ApprovalAddressee, externalUrl: string): Message {
  const by = run.approvers.length === 0 ? 'somebody who may' : run.approvers.join(', ');
  const place = `${run.runAs === null ? '' : `as ${run.runAs} `}on ${run.host}`;
  const lines = [
    `${run.action} ${place} waits for approval by ${by} (${run.approvalsNeeded} needed), until ${formatInstant(run.deadline)}.`,
    `Asked for by ${formatActor(run.requestedBy)}${run.comment === '' ? '' : `: ${run.comment}`}.`,
    ...(run.alert === null ? [] : [`Alert: ${externalUrl}/alerts/${run.alert}`]),
    `Command: ${JSON.stringify(run.argv)}`,
  ];
  const asked = to.person === null ? null : { run: run.id, person: to.person, offer: to.offer, expiresAt: run.deadline };
  return {
    // A name may hold what the id of a mail may not.
    id: `m-${run.id}-${to.channel}${to.person === null ? '' : `-${sha256(to.person).slice(0, 16)}`}`,
    channel: to.channel,
    group: null,
    reason: 'approval',
    status: 'info',
    alerts: run.alert === null ? [] : [run.alert],
    body: {
      subject: `[approval] ${run.action} ${place}`,
      text: lines.join('\n'),
      link: `${externalUrl}/approvals`,
      webhook: null,
      ...(asked !== null && { asked }),
    },
    state: 'owed',
    attempts: 0,
    createdAt: run.triggeredAt,
    sentAt: null,
    leaseUntil: null,
    error: null,
  };
}
