import { SYSTEM } from '../core/access/actor.ts';
import type { Settings } from '../core/config/settings.ts';
import type { World } from '../world.ts';
import { decideAndCommit, put, wake } from './change.ts';
import { LEASE } from './perform.ts';
import { regroup } from './regroup.ts';

/** What a server does once when it starts: its own recurring moments, and every known host gets its time before it counts as silent. */
export async function boot(world: World, settings: Settings): Promise<void> {
  const now = world.clock.now();
  const hosts = await world.store.hosts();
  const writes = [
    wake('watchdog', 'server', now),
    wake('retain', 'server', now),
    ...hosts.map((host) => wake('host', host.id, now + settings.agentSilentAfter)),
  ];
  await world.store.commit({ at: now, who: SYSTEM, why: 'started', about: [], writes });
  await releaseMessages(world);
  await regroup(world, settings);
}

/** More than one server ever sends at once. */
const MOST_SENDING = 10_000;

/**
 * What an earlier life was sending when it died is owed again at once, not only when its lease is over: a page must not wait for that. Where
 * another server is sending it in this moment it comes twice, as a message may.
 */
async function releaseMessages(world: World): Promise<void> {
  await decideAndCommit(world, async () => {
    const now = world.clock.now();
    const soon = await world.store.due(now + LEASE, MOST_SENDING);
    const ids = soon.filter(({ kind }) => kind === 'message').map(({ id }) => id);
    const sending = (await world.store.loadAll('message', ids)).filter((row) => row.value.state === 'sending');
    if (sending.length === 0) return { change: null, answer: null };
    const writes = sending.flatMap((row) => [put(row, { ...row.value, state: 'owed', leaseUntil: null }), wake('message', row.id, now)]);
    return { change: { who: SYSTEM, why: 'sends again what was being sent', about: [], writes }, answer: null };
  });
}

/** The rules that still have open alerts, so that those of removed rules are ended. */
export async function rulesWithAlerts(world: World): Promise<readonly string[]> {
  const rules = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await world.store.findAlerts({ states: ['pending', 'firing'], limit: 500, cursor });
    for (const { rule } of page.items) if (rule !== null) rules.add(rule);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return [...rules];
}
