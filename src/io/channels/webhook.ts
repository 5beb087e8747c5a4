import { createHmac } from 'node:crypto';
import type { SecretRef } from '../../core/config/secret-ref.ts';
import type { WebhookChannel } from '../../core/config/settings.ts';
import { formatInstant, parseHttpDate } from '../../core/base/calendar.ts';
import type { Millis } from '../../core/base/time.ts';
import type { Message } from '../../core/notify/group.ts';
import type { SendOutcome } from '../../world.ts';
import type { HttpClient } from '../http.ts';

export interface WebhookDoors {
  readonly http: HttpClient;
  readonly now: () => Millis;
  readonly resolve: (secret: SecretRef) => Promise<string>;
}

/** An answer is read this far; its text only explains a failure. */
const ANSWER_LIMIT = 64 * 1024;
/** A receiver cannot put a message off for longer. */
const LONGEST_DELAY: Millis = 3_600_000;

/**
 * Alertmanager's webhook, version 4. With a secret it is signed: `X-Tocsin-Signature: v1=` and the HMAC-SHA256 of the body in hex. The id
 * stays the same when a message has to be sent again, so that the receiver can tell.
 */
export async function sendWebhook(channel: WebhookChannel, message: Message, doors: WebhookDoors): Promise<SendOutcome> {
  const body = JSON.stringify(payloadOf(channel, message));
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-tocsin-message-id': message.id,
    'x-tocsin-timestamp': formatInstant(doors.now()),
  };
  if (channel.secret !== null) headers['x-tocsin-signature'] = `v1=${sign(await doors.resolve(channel.secret), body)}`;
  if (channel.bearer !== null) headers['authorization'] = `Bearer ${await doors.resolve(channel.bearer)}`;
  const url = await doors.resolve(channel.url);
  const answer = await doors.http.request({ method: 'POST', url, headers, body, timeout: channel.timeout, limitBytes: ANSWER_LIMIT });
  if (answer.kind === 'failed') return { result: 'retry', error: answer.reason, at: null };
  if (answer.status >= 200 && answer.status < 300) return { result: 'sent' };
  const error = `answered ${answer.status}${explanation(answer.body)}`;
  const later = answer.status === 429 || answer.status === 408 || answer.status >= 500;
  return later ? { result: 'retry', error, at: retryAt(answer.headers['retry-after'], doors.now()) } : { result: 'failed', error };
}

function payloadOf(channel: WebhookChannel, message: Message): unknown {
  const body = message.body.webhook;
  if (body === null) {
    const { subject, text, link } = message.body;
    // Many may read a channel: it leads to where one signs in to decide.
    return { kind: message.reason, subject, text, link, ...(message.reason === 'approval' && { decide_url: link }) };
  }
  const limit = channel.maxAlerts === 0 ? body.alerts.length : channel.maxAlerts;
  const kept = body.alerts.slice(0, limit);
  return { ...body, receiver: channel.name, alerts: kept, truncatedAlerts: body.truncatedAlerts + body.alerts.length - kept.length };
}

function sign(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function retryAt(header: string | undefined, now: Millis): Millis | null {
  if (header === undefined) return null;
  const at = /^\d{1,9}$/.test(header) ? now + Number(header) * 1000 : parseHttpDate(header);
  return at === null ? null : Math.min(at, now + LONGEST_DELAY);
}

function explanation(body: Uint8Array): string {
  const text = Buffer.from(body.subarray(0, 200)).toString('utf8').replace(/\s+/g, ' ').trim();
  return text === '' ? '' : `: ${text}`;
}
