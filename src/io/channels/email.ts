import type { SecretRef } from '../../core/config/secret-ref.ts';
import type { EmailChannel } from '../../core/config/settings.ts';
import type { Message, Personal } from '../../core/notify/group.ts';
import { composeMail } from '../../core/notify/mail-body.ts';
import type { SendOutcome } from '../../world.ts';
import { type MailServer, sendMail } from '../mail.ts';

export interface EmailDoors {
  readonly resolve: (secret: SecretRef) => Promise<string>;
  readonly permits: MailServer['permits'];
}

export interface Posted {
  readonly message: Message;
  /** Null: to all recipients of the channel; else to this person and nobody else. */
  readonly personal: Personal | null;
}

/** One mail per message; mails of one group form a thread. */
export async function sendEmail(channel: EmailChannel, { message, personal }: Posted, doors: EmailDoors): Promise<SendOutcome> {
  const { smtp } = channel;
  const password = smtp.password === null ? null : await doors.resolve(smtp.password);
  const { subject, text, html } = composeMail(message, personal?.links ?? null);
  const domain =
    channel.from
      .split('@')
      .at(-1)
      ?.replace(/[^A-Za-z0-9.-]/g, '') || 'tocsin.invalid';
  const thread = message.group === null ? null : `<${message.group}@${domain}>`;
  const outcome = await sendMail(
    { ...smtp, password, permits: doors.permits },
    {
      from: channel.from,
      to: personal === null ? [...channel.to] : personal.address,
      subject,
      text,
      html,
      messageId: `<${message.id}@${domain}>`,
      ...(thread !== null && { references: thread, inReplyTo: thread }),
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Tocsin-Status': message.status },
    },
  );
  if (outcome.kind === 'sent') return { result: 'sent' };
  const error = withoutLinks(outcome.reason, personal);
  return outcome.kind === 'refused' ? { result: 'failed', error } : { result: 'retry', error, at: null };
}

/** A mail server may quote the address that it does not like; what decides must not come into the record. */
function withoutLinks(reason: string, personal: Personal | null): string {
  return personal?.links == null ? reason : reason.replaceAll(/decide\/[^\s"'<>]+/g, 'decide/***');
}
