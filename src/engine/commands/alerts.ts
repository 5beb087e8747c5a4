import { whyDenied } from '../../core/access/allow.ts';
import type { Principal } from '../../core/access/actor.ts';
import type { Alert } from '../../core/alerts/alert.ts';
import { NEVER } from '../../core/base/time.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { World } from '../../world.ts';
import { decideAndCommit, find, put, wake } from '../change.ts';
import { followUp } from '../follow-up.ts';

type Part = Pick<World, 'store' | 'clock'>;

/** What a person says about an alert. */
export interface Said {
  readonly principal: Principal;
  readonly alert: string;
  readonly comment: string;
}

export function acknowledgeAlert(world: Part, said: Said): Promise<Result<Alert>> {
  return change(world, said, (alert, now) => {
    if (alert.state === 'resolved') return 'It is resolved already.';
    const acknowledged = { by: said.principal.actor.name, at: now, comment: said.comment };
    return { alert: { ...alert, acknowledged, updatedAt: now }, why: 'acknowledged' };
  });
}

export function unacknowledgeAlert(world: Part, said: Said): Promise<Result<Alert>> {
  return change(world, said, (alert, now) => {
    if (alert.acknowledged === null) return 'Nobody has acknowledged it.';
    return { alert: { ...alert, acknowledged: null, updatedAt: now }, why: 'took the acknowledgement back' };
  });
}

/** Ends an alert by hand. What judges it will open a new one if it still finds it. */
export async function resolveAlert(world: Part, settings: Settings, said: Said): Promise<Result<Alert>> {
  const denied = whyDenied(said.principal, 'resolve');
  if (denied !== null) return refuse('forbidden', denied);
  return decideAndCommit<Result<Alert>>(world, async () => {
    const row = await find(world.store, 'alert', said.alert);
    if (row === null) return { change: null, answer: notFound(said.alert) };
    if (row.value.state === 'resolved') return { change: null, answer: refuse('conflict', 'It is resolved already.') };
    const now = world.clock.now();
    const alert: Alert = { ...row.value, state: 'resolved', resolvedAt: now, updatedAt: now };
    // Nothing follows from the end of what never fired.
    const transition = row.value.state === 'firing' ? 'resolved' : 'dropped';
    const follows = await followUp(world, settings, { before: row.value, alert, transition }, now);
    const why = `${name(alert)} resolved by hand${because(said.comment)}`;
    const writes = [put(row, alert), wake('alert', row.id, NEVER), ...follows.writes];
    return { change: { who: said.principal.actor, why, about: [`alert/${row.id}`, ...follows.about], writes }, answer: { ok: alert } };
  });
}

async function change(
  world: Part,
  said: Said,
  decide: (alert: Alert, now: number) => { readonly alert: Alert; readonly why: string } | string,
): Promise<Result<Alert>> {
  const denied = whyDenied(said.principal, 'acknowledge');
  if (denied !== null) return refuse('forbidden', denied);
  return decideAndCommit<Result<Alert>>(world, async () => {
    const row = await find(world.store, 'alert', said.alert);
    if (row === null) return { change: null, answer: notFound(said.alert) };
    const decided = decide(row.value, world.clock.now());
    if (typeof decided === 'string') return { change: null, answer: refuse('conflict', decided) };
    const why = `${name(row.value)} ${decided.why}${because(said.comment)}`;
    const writes = [put(row, decided.alert)];
    return { change: { who: said.principal.actor, why, about: [`alert/${row.id}`], writes }, answer: { ok: decided.alert } };
  });
}

function notFound(id: string) {
  return refuse('not_found', `There is no alert ${id.slice(0, 100)}.`);
}

function name(alert: Alert): string {
  return alert.labels['alertname'] ?? 'alert';
}

function because(comment: string): string {
  return comment === '' ? '' : `: ${comment}`;
}
