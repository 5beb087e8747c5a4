import type { Alert } from '../alerts/alert.ts';
import { compareSeverity } from '../alerts/severity.ts';
import { NEVER, type Millis } from '../base/time.ts';
import { countThatFit } from './count-that-fit.ts';
import type { Group, Member, NotifyReason } from './group.ts';
import type { Told } from './webhook-body.ts';

/** When a group speaks: the first time after `groupWait`, about changes at most every `groupInterval`, and again after `repeatInterval`. */
export interface Timing {
  readonly groupWait: Millis;
  readonly groupInterval: Millis;
  readonly repeatInterval: Millis;
}

export interface NotifyDecision {
  /** Null: nothing is left to tell, ever. */
  readonly group: Group | null;
  /** The alerts the message is about: those that fire, and those that resolved since the channel was told. Null: silence. */
  readonly speak: (Told & { readonly reason: NotifyReason }) | null;
  readonly why: string;
  readonly wakeAt: Millis;
}

/**
 * Whether a group tells its channel something now. Whoever was told that an alert fires is told that it resolved; an alert that came and
 * went between two messages is not worth one. `alerts` holds what still exists of the members.
 */
export function decideNotify(group: Group, alerts: ReadonlyMap<string, Alert>, timing: Timing, now: Millis): NotifyDecision {
  const members = group.members.filter((member) => isOpen(alerts.get(member.alert)) || member.told === 'firing');
  if (members.length === 0) return { group: null, speak: null, why: 'nothing left to tell', wakeAt: NEVER };

  // A clock that was set back must not keep the group silent until it is again as late as it seemed to be.
  const { openedAt, toldAt } = group;
  const kept = { ...group, members, openedAt: Math.min(openedAt, now), toldAt: toldAt === null ? null : Math.min(toldAt, now) };
  const reason = whySpeak(kept, alerts, timing, now);
  const earliest = kept.toldAt === null ? kept.openedAt + timing.groupWait : kept.toldAt + timing.groupInterval;
  if (reason === null) {
    const wakeAt = (kept.toldAt ?? kept.openedAt) + timing.repeatInterval;
    return { group: kept, speak: null, why: 'nothing new', wakeAt };
  }
  if (now < earliest) return { group: kept, speak: null, why: `${reason}, but waits for more`, wakeAt: earliest };

  const present = members.map((member) => alerts.get(member.alert)).filter((alert) => alert !== undefined);
  const firing = present.filter((alert) => alert.state === 'firing');
  // What resolved and came back meanwhile fires for whoever knows alerts by their labels: its end would close it there.
  const back = new Set(firing.map((alert) => alert.fingerprint));
  const resolved = present.filter((alert) => alert.state === 'resolved' && !back.has(alert.fingerprint));
  const told = new Map(members.map((member) => [member.alert, member]));
  const isNews = (alert: Alert): boolean => alert.state === 'resolved' || told.get(alert.id)?.told !== 'firing';
  const all = [...firing, ...resolved];
  // What is new comes first; what one message cannot hold stays to be told and is, after the interval.
  const ordered = [...all.filter(isNews), ...all.filter((alert) => !isNews(alert))];
  const listed = new Set(ordered.slice(0, countThatFit(ordered)));
  const left = ordered.filter((alert) => !listed.has(alert));
  const after: Member[] = [
    ...firing.filter((alert) => listed.has(alert)).map((alert) => ({ alert: alert.id, told: 'firing' as const, severity: alert.severity })),
    ...left.map((alert) => told.get(alert.id) ?? { alert: alert.id, told: null, severity: null }),
  ];
  const next = after.length === 0 ? null : { ...kept, members: after, toldAt: now };
  const speak: NotifyDecision['speak'] =
    present.length === 0
      ? null
      : {
          reason,
          firing: firing.filter((alert) => listed.has(alert)),
          resolved: resolved.filter((alert) => listed.has(alert)),
          more: left.length,
        };
  const again = left.some(isNews) ? timing.groupInterval : timing.repeatInterval;
  return { group: next, speak, why: reason, wakeAt: next === null ? NEVER : now + again };
}

function isOpen(alert: Alert | undefined): boolean {
  return alert?.state === 'firing';
}

function whySpeak(group: Group, alerts: ReadonlyMap<string, Alert>, timing: Timing, now: Millis): NotifyReason | null {
  const states = group.members.map((member) => ({ member, alert: alerts.get(member.alert) }));
  if (states.every(({ alert }) => !isOpen(alert))) return 'resolved';
  if (group.toldAt === null) return 'first';
  if (states.some(({ member, alert }) => isOpen(alert) && member.told !== 'firing')) return 'new alerts';
  if (
    states.some(
      ({ member, alert }) =>
        alert !== undefined && isOpen(alert) && member.severity !== null && compareSeverity(alert.severity, member.severity) < 0,
    )
  ) {
    return 'worse';
  }
  if (states.some(({ alert }) => !isOpen(alert))) return 'some resolved';
  return now - group.toldAt >= timing.repeatInterval ? 'repeat' : null;
}

/** The group with the alert among its members. */
export function withMember(group: Group, alert: string): Group {
  if (group.members.some((member) => member.alert === alert)) return group;
  return { ...group, members: [...group.members, { alert, told: null, severity: null }] };
}
