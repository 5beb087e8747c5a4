import type { ApprovalPolicy } from '../core/actions/action.ts';
import { approvalMessage } from '../core/actions/approval-message.ts';
import { formatDecisionToken, requestDigest } from '../core/actions/decision-link.ts';
import { whyNotDecide } from '../core/actions/may-decide.ts';
import { mailChannelOf, notifiedOf } from '../core/actions/notified.ts';
import type { Run } from '../core/actions/run.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Asked, Message, Personal } from '../core/notify/group.ts';
import type { Store, World } from '../world.ts';
import { find } from './change.ts';
import { findPerson } from './find-person.ts';

/** So many persons are sent a mail about one run. */
const MOST_PERSONS = 100;

export interface ToldDeciders {
  readonly messages: readonly Message[];
  /** Persons who should be told and cannot be, each with the reason. */
  readonly missed: readonly string[];
}

/** Whom a waiting run is told to: its channels, and each person by a mail of their own, with links when the decision may be theirs. */
export async function tellDeciders(store: Store, settings: Settings, policy: ApprovalPolicy, run: Run): Promise<ToldDeciders> {
  const { externalUrl } = settings.server;
  const { channels, persons } = notifiedOf(policy, settings.teams);
  const messages = channels.map((channel) => approvalMessage(run, { channel, person: null }, externalUrl));
  const missed: string[] = [];
  const channel = mailChannelOf(policy, settings.channels);
  for (const [index, person] of persons.entries()) {
    const known = await findPerson(store, settings, person);
    if (known === null) missed.push(`${person} (no such user, or disabled)`);
    else if (known.email === null) missed.push(`${person} (no mail address)`);
    else if (channel === null) missed.push(`${person} (no channel of type email)`);
    else if (index >= MOST_PERSONS) missed.push(`${person} (more than ${MOST_PERSONS} persons)`);
    else {
      const { principal } = known;
      const denied = whyNotDecide(run, principal);
      messages.push(approvalMessage(run, { channel, person, offer: denied === null ? 'links' : 'notice' }, externalUrl));
    }
  }
  return { messages, missed };
}

/**
 * What a message to one person is completed with as it is sent: the address of this moment, and the links, which are signed anew each time
 * and are the same each time, so that no store or backup holds one. A text: why it cannot be sent.
 */
export async function completeForPerson(
  world: Pick<World, 'store' | 'signLink'>,
  settings: Settings,
  asked: Asked,
): Promise<Personal | string> {
  const person = await findPerson(world.store, settings, asked.person);
  if (person === null) return `there is no user ${asked.person} any more`;
  if (person.email === null) return `${asked.person} has no mail address any more`;
  if (asked.offer === 'notice') return { address: person.email, links: null };
  const run = await find(world.store, 'run', asked.run);
  if (run === null) return 'the run is not kept any more';
  const request = requestDigest(run.value);
  const linkTo = (decision: 'approve' | 'reject'): string => {
    const link = { run: asked.run, request, decision, person: asked.person, expiresAt: asked.expiresAt };
    return `${settings.server.externalUrl}/decide/${formatDecisionToken(link, world.signLink)}`;
  };
  return { address: person.email, links: { approve: linkTo('approve'), reject: linkTo('reject') } };
}
