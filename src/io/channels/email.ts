import type { SecretRef } from '../../core/config/secret-ref.ts';
import type { EmailChannel } from '../../core/config/settings.ts';
import type { Message } from '../../core/notify/group.ts';
import { composeMail } from '../../core/notify/mail-body.ts';
import type { SendOutcome } from '../../world.ts';
import { type MailServer, sendMail } from '../mail.ts';

export interface EmailDoors {
  readonly resolve: (secret: SecretRef) => Promise<string>;
  readonly permits: MailServer['permits'];
}

/** One mail per message to all recipients; mails of one group form a thread. */
export async function sendEmail(channel: EmailChannel, message: Message, doors: EmailDoors): Promise<SendOutcome> {
  const { smtp } = channel;
  const password = smtp.password === null ? null : await doors.resolve(smtp.password);
  const { subject, text, html } = composeMail(message);
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
      to: [...channel.to],
      subject,
      text,
      html,
      messageId: `<${message.id}@${domain}>`,
      ...(thread !== null && { references: thread, inReplyTo: thread }),
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Tocsin-Status': message.status },
    },
  );
  if (outcome.kind === 'sent') return { result: 'sent' };
  return outcome.kind === 'refused' ? { result: 'failed', error: outcome.reason } : { result: 'retry', error: outcome.reason, at: null };
}
