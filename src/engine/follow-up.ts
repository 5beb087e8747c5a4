import type { Actor } from '../core/access/actor.ts';
import { stepRun } from '../core/actions/step-run.ts';
import { triggersFor, valuesFromAlert } from '../core/actions/trigger.ts';
import type { Trigger } from '../core/actions/action.ts';
import { alertLabels, type Alert } from '../core/alerts/alert.ts';
import type { Transition } from '../core/alerts/step.ts';
import { hashText } from '../core/base/hash.ts';
import { labelsKey, type Labels } from '../core/base/labels.ts';
import type { Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import { withMember } from '../core/notify/decide.ts';
import type { Group } from '../core/notify/group.ts';
import { groupLabels, type Route } from '../core/routing/route.ts';
import { routesFor } from '../core/routing/routes-for.ts';
import type { Write } from '../core/change/change.ts';
import type { World } from '../world.ts';
import { fresh, neverWake, put, wake } from './change.ts';
import { describeRequest, requestRun } from './request-run.ts';

/** What follows from a transition, to be written in the same commit: writes, what they concern, and what to say of them. */
export interface FollowUp {
  readonly writes: readonly Write[];
  readonly about: readonly string[];
  readonly why: readonly string[];
}

const NOTHING: FollowUp = { writes: [], about: [], why: [] };

/** Opens and wakes everything that an alert's transition leads to. It writes rows and wakes the next stage; it never calls it. */
export async function followUp(
  world: Pick<World, 'store'>,
  settings: Settings,
  event: { readonly before: Alert | null; readonly alert: Alert; readonly transition: Transition },
  now: Millis,
): Promise<FollowUp> {
  switch (event.transition) {
    case 'fired':
    case 'worse': {
      const isNew = event.transition === 'fired';
      const before = isNew ? null : event.before;
      return join([
        await joinGroups(world, settings, event.alert, now),
        await pullTriggers(world, settings, { alert: event.alert, before, on: 'firing' }, now),
        isNew ? NOTHING : await closeVerification(world, event.alert, 'made worse'),
      ]);
    }
    case 'resolved':
      return join([
        await wakeGroups(world, settings, event.alert, now),
        await pullTriggers(world, settings, { alert: event.alert, before: null, on: 'resolved' }, now),
        await closeVerification(world, event.alert, 'fixed'),
        await endWaitingRuns(world, event.alert, now),
        await closeAdvice(world, event.alert, now),
      ]);
    default:
      return NOTHING;
  }
}

function join(parts: readonly FollowUp[]): FollowUp {
  return {
    writes: parts.flatMap((part) => part.writes),
    about: parts.flatMap((part) => part.about),
    why: parts.flatMap((part) => part.why),
  };
}

/** A firing alert becomes a member of every group that its routes lead to. */
export async function joinGroups({ store }: Pick<World, 'store'>, settings: Settings, alert: Alert, now: Millis): Promise<FollowUp> {
  const labels = alertLabels(alert);
  const writes: Write[] = [];
  for (const route of routesFor(settings.route, labels)) {
    const blank = groupOf(route, labels, now);
    const row = await store.load('group', blank.id);
    const group = withMember(row.value ?? blank, alert.id);
    writes.push(put(row, group), wake('group', row.id, nextFlush(group, route, now)));
  }
  return { writes, about: [], why: [] };
}

/** The group that an alert with these labels joins on a route, as it begins. */
export function groupOf(route: Route, labels: Labels, now: Millis): Group {
  const grouped = groupLabels(route, labels);
  const id = `g-${hashText(`${route.id}\n${route.channel}\n${labelsKey(grouped)}`)}`;
  return { id, route: route.id, channel: route.channel, labels: grouped, openedAt: now, toldAt: null, members: [] };
}

async function wakeGroups({ store }: Pick<World, 'store'>, settings: Settings, alert: Alert, now: Millis): Promise<FollowUp> {
  const groups = await store.groupTimes(alert.id);
  const writes = groups.map((group) =>
    wake('group', group.id, nextFlush(group, routeById(settings.route, group.route) ?? settings.route, now)),
  );
  return { writes, about: [], why: [] };
}

/** The route with this id, null when the tree has changed since. */
export function routeById(route: Route, id: string): Route | null {
  if (route.id === id) return route;
  for (const child of route.routes) {
    const found = routeById(child, id);
    if (found !== null) return found;
  }
  return null;
}

/** When a group that something happened to speaks at the earliest. */
export function nextFlush(group: Pick<Group, 'openedAt' | 'toldAt'>, route: Route, now: Millis): Millis {
  const { openedAt, toldAt } = group;
  const earliest = toldAt === null ? Math.min(openedAt, now) + route.groupWait : Math.min(toldAt, now) + route.groupInterval;
  return Math.max(now, earliest);
}

interface Pull {
  readonly alert: Alert;
  /** What the alert was before it got worse: triggers that it matched already are not pulled again. */
  readonly before: Alert | null;
  readonly on: 'firing' | 'resolved';
}

async function pullTriggers(world: Pick<World, 'store'>, settings: Settings, pull: Pull, now: Millis): Promise<FollowUp> {
  const triggers = [...settings.triggers.values()];
  const earlier = new Set(pull.before === null ? [] : triggersFor(triggers, pull.before, pull.on));
  const parts: FollowUp[] = [];
  for (const trigger of triggersFor(triggers, pull.alert, pull.on)) {
    if (earlier.has(trigger)) continue;
    if (trigger.run !== null) {
      const alongside = parts.flatMap((part) => part.writes);
      parts.push(await pullRun(world, settings, { trigger, run: trigger.run, alert: pull.alert, alongside }, now));
    }
    if (trigger.recommend !== null) parts.push(await recommend(world, trigger, trigger.recommend, { alert: pull.alert, now }));
  }
  return join(parts);
}

async function pullRun(
  world: Pick<World, 'store'>,
  settings: Settings,
  pulled: { readonly trigger: Trigger; readonly run: string; readonly alert: Alert; readonly alongside: readonly Write[] },
  now: Millis,
): Promise<FollowUp> {
  const { trigger, run: action, alert, alongside } = pulled;
  const requestedBy: Actor = { kind: 'trigger', name: trigger.name };
  const { values, problems } = valuesFromAlert(trigger.with, alert);
  const requested = await requestRun(
    world,
    settings,
    {
      // The id says what the run is a consequence of, so the same transition can never open two.
      id: `r${now.toString(36)}-${hashText(`${alert.id}/${trigger.name}/${now}`)}`,
      action,
      parameters: values,
      requestedBy,
      comment: '',
      alert: alert.id,
      trigger,
      target: alert.fingerprint,
      repeats: null,
      idempotencyKey: null,
      requestHash: '',
      problems,
      alongside,
    },
    now,
  );
  return { writes: requested.writes, about: [`run/${requested.run.id}`], why: [describeRequest(requested.run)] };
}

async function recommend(
  { store }: Pick<World, 'store'>,
  trigger: Trigger,
  recommendation: string,
  { alert, now }: { readonly alert: Alert; readonly now: Millis },
): Promise<FollowUp> {
  const row = await store.load('advice', `${alert.id}-${hashText(`${trigger.name}/${recommendation}`).slice(0, 8)}`);
  if (row.value !== null) return NOTHING;
  const advice = {
    id: row.id,
    recommendation,
    trigger: trigger.name,
    alert: alert.id,
    state: 'active',
    by: null,
    comment: '',
    openedAt: now,
    closedAt: null,
  } as const;
  return { writes: [put(fresh('advice', row.id), advice)], about: [`advice/${row.id}`], why: [`recommends ${recommendation}`] };
}

async function closeVerification({ store }: Pick<World, 'store'>, alert: Alert, verdict: 'fixed' | 'made worse'): Promise<FollowUp> {
  const runs = await store.runsToVerify(alert.id);
  return {
    writes: runs.flatMap((row) => [put(row, { ...row.value, verification: verdict }), neverWake('verify', row.id)]),
    about: runs.map((row) => `run/${row.id}`),
    why: runs.map((row) => `${row.value.action}: ${verdict}`),
  };
}

async function endWaitingRuns({ store }: Pick<World, 'store'>, alert: Alert, now: Millis): Promise<FollowUp> {
  const parts: FollowUp[] = [];
  for (const row of await store.openRuns({ alert: alert.id })) {
    const step = stepRun(row.value, { type: 'alert over' }, now);
    if (!step.changed) continue;
    parts.push({
      writes: [put(row, step.run), wake('run', row.id, step.wakeAt)],
      about: [`run/${row.id}`],
      why: [`${step.run.action}: ${step.run.reason}`],
    });
  }
  return join(parts);
}

async function closeAdvice({ store }: Pick<World, 'store'>, alert: Alert, now: Millis): Promise<FollowUp> {
  const open = await store.openAdvice(alert.id);
  return {
    writes: open.map((row) => put(row, { ...row.value, state: 'over', closedAt: now })),
    about: open.map((row) => `advice/${row.id}`),
    why: [],
  };
}
