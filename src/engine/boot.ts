import { SYSTEM } from '../core/access/actor.ts';
import type { Settings } from '../core/config/settings.ts';
import type { World } from '../world.ts';
import { wake } from './change.ts';
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
  await regroup(world, settings);
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
