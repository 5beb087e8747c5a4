import type { SecretRef } from '../../core/config/secret-ref.ts';
import type { Channel, Settings } from '../../core/config/settings.ts';
import type { Millis } from '../../core/base/time.ts';
import type { Send, SendOutcome } from '../../world.ts';
import type { HttpClient } from '../http.ts';
import { isPublicAddress } from '../public-address.ts';
import { type EmailDoors, type Posted, sendEmail } from './email.ts';
import { sendWebhook } from './webhook.ts';

export interface ChannelDoors {
  /** Connects to what `server.allow_private_targets` permits only. */
  readonly http: HttpClient;
  readonly now: () => Millis;
  /** The text of a secret; throws with a reason fit to be shown when there is none. */
  readonly resolve: (secret: SecretRef) => Promise<string>;
}

/** Sends through the channels of the present configuration. A channel that throws has failed for now, and says why. */
export function sendThrough(settings: () => Settings, doors: ChannelDoors): Send {
  return async (name, message, personal) => {
    const channel = settings().channels.get(name);
    if (channel === undefined) return { result: 'failed', error: `there is no channel named ${name}` };
    try {
      const permits = settings().server.allowPrivateTargets ? null : isPublicAddress;
      return await sendBy(channel, { message, personal }, { ...doors, permits });
    } catch (error) {
      return { result: 'retry', error: error instanceof Error ? error.message : String(error), at: null };
    }
  };
}

/** Every kind of channel, one line each. */
async function sendBy(channel: Channel, posted: Posted, doors: ChannelDoors & EmailDoors): Promise<SendOutcome> {
  const { message, personal } = posted;
  // Whoever reads a shared channel must not get what one person may do.
  if (personal !== null && channel.type !== 'email') return { result: 'failed', error: `${channel.name} is no channel of type email` };
  switch (channel.type) {
    case 'webhook':
      return sendWebhook(channel, message, doors);
    case 'email':
      return sendEmail(channel, posted, doors);
    case 'none':
      return { result: 'sent' };
  }
}
