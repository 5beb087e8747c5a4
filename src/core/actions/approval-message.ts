import { formatActor } from '../access/actor.ts';
import { formatInstant } from '../base/calendar.ts';
import type { Message } from '../notify/group.ts';
import type { Run } from './run.ts';

/** What a channel is told when a run waits for somebody to decide: who asks, why, the exact command, until when, and where to decide. */
export function approvalMessage(run: Run, channel: string, externalUrl: string): Message {
  const by = run.approvers.length === 0 ? 'somebody who may' : run.approvers.join(', ');
  const place = `${run.runAs === null ? '' : `as ${run.runAs} `}on ${run.host}`;
  const lines = [
    `${run.action} ${place} waits for approval by ${by} (${run.approvalsNeeded} needed), until ${formatInstant(run.deadline)}.`,
    `Asked for by ${formatActor(run.requestedBy)}${run.comment === '' ? '' : `: ${run.comment}`}.`,
    ...(run.alert === null ? [] : [`Alert: ${externalUrl}/alerts/${run.alert}`]),
    `Command: ${JSON.stringify(run.argv)}`,
  ];
  return {
    id: `m-${run.id}-${channel}`,
    channel,
    group: null,
    reason: 'approval',
    status: 'info',
    alerts: run.alert === null ? [] : [run.alert],
    body: { subject: `[approval] ${run.action} ${place}`, text: lines.join('\n'), link: `${externalUrl}/approvals`, webhook: null },
    state: 'owed',
    attempts: 0,
    createdAt: run.triggeredAt,
    sentAt: null,
    leaseUntil: null,
    error: null,
  };
}
