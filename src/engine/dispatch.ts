import { SYSTEM } from '../core/access/actor.ts';
import { triggersFor } from '../core/actions/trigger.ts';
import type { Alert } from '../core/alerts/alert.ts';
import type { Labels } from '../core/base/labels.ts';
import { NEVER, type Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import { decideNotify } from '../core/notify/decide.ts';
import type { Group, Message } from '../core/notify/group.ts';
import { describeGroup } from '../core/notify/webhook-body.ts';
import { describeRecommendation } from '../core/recommendations/recommendation.ts';
import type { Write } from '../core/change/change.ts';
import type { World } from '../world.ts';
import { drop, isFound, neverWake, oweMessage, put, sleepUntil, wake } from './change.ts';
import { routeById } from './follow-up.ts';

/** A group's moment has come: tell its channel, or work out when to ask again. */
export async function flushGroup(world: Pick<World, 'store' | 'clock'>, settings: Settings, id: string, now: Millis): Promise<void> {
  const { store } = world;
  const row = await store.load('group', id);
  if (!isFound(row)) return sleepUntil(world, row, { kind: 'group', at: NEVER });
  const group = row.value;
  const channel = settings.channels.get(group.channel);
  if (channel === undefined) {
    const why = `the channel ${group.channel} is no longer in the configuration: nobody is told`;
    const writes = [drop(row), neverWake('group', id)];
    await store.commit({ at: now, who: SYSTEM, why, about: [`group/${id}`], writes });
    return;
  }
  // Without its route, the group tells the end of what it told, and nothing again.
  const route = routeById(settings.route, group.route) ?? { ...settings.route, repeatInterval: NEVER };
  const found = await store.loadAll(
    'alert',
    group.members.map((member) => member.alert),
  );
  const decision = decideNotify(group, new Map(found.map((alert) => [alert.id, alert.value])), route, now);

  const writes: Write[] = [decision.group === null ? drop(row) : put(row, decision.group), wake('group', id, decision.wakeAt)];
  const about: string[] = [];
  const wanted = decision.speak !== null && (decision.speak.firing.length > 0 || channel.sendResolved);
  if (decision.speak !== null && wanted) {
    const message = compose(group, decision.speak, { id: `m-${id}-${row.version}`, settings, now });
    writes.push(...oweMessage(message, now));
    about.push(...message.alerts.map((alert) => `alert/${alert}`));
  }
  await store.commit({ at: now, who: SYSTEM, why: `tells ${group.channel}: ${decision.why}`, about, writes });
}

function compose(
  group: Group,
  speak: NonNullable<ReturnType<typeof decideNotify>['speak']>,
  context: { readonly id: string; readonly settings: Settings; readonly now: Millis },
): Message {
  const { settings } = context;
  const all = [...speak.firing, ...speak.resolved];
  return {
    id: context.id,
    channel: group.channel,
    group: group.id,
    reason: speak.reason,
    status: speak.firing.length > 0 ? 'firing' : 'resolved',
    alerts: all.map((alert) => alert.id),
    body: describeGroup(group, speak, { externalUrl: settings.server.externalUrl, advise: (alert) => adviceFor(alert, settings) }),
    state: 'owed',
    attempts: 0,
    createdAt: context.now,
    sentAt: null,
    leaseUntil: null,
    error: null,
  };
}

/** What a message says of the recommendations that fit an alert: an annotation more, so that every receiver shows it. */
function adviceFor(alert: Alert, settings: Settings): Labels {
  const fitting = triggersFor(settings.triggers.values(), alert, 'firing').map(({ recommend }) =>
    settings.recommendations.get(recommend ?? ''),
  );
  const lines = fitting.filter((found) => found !== undefined).map((found) => describeRecommendation(found));
  return lines.length === 0 || alert.state === 'resolved' ? {} : { recommendation: lines.join('; ') };
}
