import { SYSTEM } from '../core/access/actor.ts';
import { alertLabels } from '../core/alerts/alert.ts';
import type { Settings } from '../core/config/settings.ts';
import { withMember } from '../core/notify/decide.ts';
import type { Group } from '../core/notify/group.ts';
import type { Route } from '../core/routing/route.ts';
import { routesFor } from '../core/routing/routes-for.ts';
import type { World } from '../world.ts';
import { decideAndCommit, put, wake } from './change.ts';
import { groupOf, nextFlush } from './follow-up.ts';
import { clearTrouble } from './trouble.ts';

type Part = Pick<World, 'store' | 'clock'>;

const PAGE = 500;

interface Wanted {
  readonly route: Route;
  readonly blank: Group;
  readonly alerts: string[];
}

/**
 * The routes may have changed while alerts fire: every firing alert becomes a member of the groups that its routes lead to now. Groups of
 * routes and channels that are gone end by themselves.
 */
export async function regroup(world: Part, settings: Settings): Promise<void> {
  for (const wanted of await wantedGroups(world, settings)) await fill(world, wanted);
  await forgetChannels(world, settings);
}

async function wantedGroups({ store, clock }: Part, settings: Settings): Promise<Iterable<Wanted>> {
  const groups = new Map<string, Wanted>();
  let cursor: string | undefined;
  do {
    const page = await store.findAlerts({ states: ['firing'], limit: PAGE, cursor });
    for (const alert of page.items) {
      const labels = alertLabels(alert);
      for (const route of routesFor(settings.route, labels)) {
        const blank = groupOf(route, labels, clock.now());
        const wanted = groups.get(blank.id) ?? { route, blank, alerts: [] };
        wanted.alerts.push(alert.id);
        groups.set(blank.id, wanted);
      }
    }
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return groups.values();
}

async function fill(world: Part, { route, blank, alerts }: Wanted): Promise<void> {
  await decideAndCommit(world, async () => {
    const row = await world.store.load('group', blank.id);
    const known = new Set(row.value?.members.map((member) => member.alert));
    const missing = alerts.filter((alert) => !known.has(alert));
    if (missing.length === 0) return { change: null, answer: null };
    const group = missing.reduce(withMember, row.value ?? blank);
    const writes = [put(row, group), wake('group', row.id, nextFlush(group, route, world.clock.now()))];
    const why = `${group.channel} is to be told by the present routes`;
    return { change: { who: SYSTEM, why, about: missing.map((alert) => `alert/${alert}`), writes }, answer: null };
  });
}

/** That messages do not reach a channel is no trouble once the channel is gone. */
async function forgetChannels(world: Part, settings: Settings): Promise<void> {
  const matchers = [{ name: 'alertname', op: '=', value: 'MessageNotDelivered' }] as const;
  const { items } = await world.store.findAlerts({ states: ['firing'], matchers, limit: PAGE });
  for (const { labels } of items) {
    const { channel } = labels;
    if (channel !== undefined && !settings.channels.has(channel))
      await clearTrouble(world, settings, { alertname: 'MessageNotDelivered', channel });
  }
}
