import { SYSTEM } from '../core/access/actor.ts';
import { DAY, MINUTE, NEVER, SECOND, type Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Message, Personal } from '../core/notify/group.ts';
import type { Found } from '../core/change/change.ts';
import type { SendOutcome, World } from '../world.ts';
import { decideAndCommit, find, isFound, neverWake, put, sleepUntil, wake } from './change.ts';
import { completeForPerson } from './tell-deciders.ts';
import { clearTrouble, raiseTrouble } from './trouble.ts';

/** A server that dies while sending leaves the message to another one after this time. */
export const LEASE: Millis = MINUTE;
const MAX_BACKOFF: Millis = 5 * MINUTE;
/** A message nobody could take for so long is given up, and that is an alert. */
const GIVE_UP_AFTER: Millis = DAY;

/**
 * Turn one owed message into one sent. Claimed by a commit, so of two servers only one sends; the lease makes it due again, so a crash
 * during the send delays a message and never loses it: messages go at least once.
 */
export async function performMessage(world: World, settings: Settings, id: string, now: Millis): Promise<void> {
  const { store } = world;
  const row = await store.load('message', id);
  if (!isFound(row) || row.value.state === 'sent' || row.value.state === 'given up')
    return sleepUntil(world, row, { kind: 'message', at: NEVER });
  const { state, leaseUntil } = row.value;
  if (state === 'sending' && leaseUntil !== null && leaseUntil > now) return sleepUntil(world, row, { kind: 'message', at: leaseUntil });
  const claimed: Message = { ...row.value, state: 'sending', attempts: row.value.attempts + 1, leaseUntil: now + LEASE };
  const claim = { at: now, who: SYSTEM, why: `sends ${id}`, about: [], writes: [put(row, claimed), wake('message', id, now + LEASE)] };
  if ((await store.commit(claim)) === 'stale') return;

  const attempt = claimed.attempts;
  const personal = await complete(world, settings, claimed);
  // A channel or a person that somebody took out of the configuration is no trouble.
  if (typeof personal === 'string') await settleAttempt(world, { id, attempt, outcome: { result: 'failed', error: personal } });
  else await record(world, settings, { id, attempt, outcome: await world.send(claimed.channel, claimed, personal) });
}

/** What the message lacks to be sent to one person, null when it goes to whoever reads the channel; a text: why nobody can get it. */
async function complete(world: World, settings: Settings, { channel, body }: Message): Promise<Personal | string | null> {
  if (!settings.channels.has(channel)) return `there is no channel named ${channel} any more`;
  return body.asked === undefined ? null : completeForPerson(world, settings, body.asked);
}

interface Attempt {
  readonly id: string;
  readonly attempt: number;
  readonly outcome: SendOutcome;
}

/** Writes down what became of it; null when another server has taken it over. */
async function settleAttempt(world: World, done: Attempt): Promise<Message | null> {
  const backoff = Math.min(MAX_BACKOFF, 2 ** Math.min(done.attempt, 20) * SECOND) + Math.floor(world.random.fraction() * SECOND);
  return decideAndCommit<Message | null>(world, async () => {
    const now = world.clock.now();
    const row = await find(world.store, 'message', done.id);
    // Another server took the message over after the lease: its word counts.
    if (row === null || row.value.attempts !== done.attempt || row.value.state !== 'sending') return { change: null, answer: null };
    return settle(row, done.outcome, now, backoff);
  });
}

async function record(world: World, settings: Settings, done: Attempt): Promise<void> {
  const message = await settleAttempt(world, done);
  if (message === null || !settings.channels.has(message.channel)) return;
  const labels = { alertname: 'MessageNotDelivered', channel: message.channel };
  if (message.state === 'sent') await clearTrouble(world, settings, labels);
  if (message.state === 'given up') {
    await raiseTrouble(
      world,
      settings,
      { ...labels, severity: 'error' },
      `Messages to ${message.channel} cannot be delivered: ${message.error ?? ''}`,
    );
  }
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}

function settle(row: Found<'message'>, outcome: SendOutcome, now: Millis, backoff: Millis) {
  const { value, id } = row;
  const { asked } = value.body;
  const about = [...value.alerts.map((alert) => `alert/${alert}`), ...(asked === undefined ? [] : [`run/${asked.run}`])];
  const whom = asked === undefined ? value.channel : `${asked.person} by ${value.channel}`;
  const to = (next: Message, at: Millis | null, why: string) => ({
    change: {
      who: SYSTEM,
      why: `${why}: ${value.body.subject}`,
      // The story of an alert has the first failures and then fewer and fewer; the message itself has the last.
      about: at === null || isPowerOfTwo(value.attempts) ? about : [],
      writes: [put(row, next), at === null ? neverWake('message', id) : wake('message', id, at)],
    },
    answer: next,
  });
  if (outcome.result === 'sent') return to({ ...value, state: 'sent', sentAt: now, leaseUntil: null, error: null }, null, `told ${whom}`);
  const tooOld = now - value.createdAt >= GIVE_UP_AFTER;
  if (outcome.result === 'failed' || tooOld) {
    return to({ ...value, state: 'given up', leaseUntil: null, error: outcome.error }, null, `gave up telling ${whom} (${outcome.error})`);
  }
  const at = Math.max(outcome.at ?? 0, now + backoff);
  return to(
    { ...value, state: 'owed', leaseUntil: null, error: outcome.error },
    at,
    `could not tell ${whom} (${outcome.error}), tries again`,
  );
}
