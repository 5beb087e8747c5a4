import { SYSTEM } from '../core/access/actor.ts';
import type { AlertStep } from '../core/alerts/step.ts';
import type { Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Change, Row, Write } from '../core/change/change.ts';
import type { World } from '../world.ts';
import { drop, neverWake, put, wake } from './change.ts';
import { followUp } from './follow-up.ts';

/** An alert as it was loaded, and what happened to it. */
export interface Judged {
  readonly row: Row<'alert'>;
  readonly step: AlertStep;
}

/** One judged alert becomes one commit: the alert, its next moment, and everything that follows from what happened to it. */
export async function commitStep(world: Pick<World, 'store'>, settings: Settings, judged: Judged, now: Millis): Promise<'done' | 'stale'> {
  const { step } = judged;
  if (step.transition === null && step.alert === null) return 'done';
  const change = await changeOfStep(world, settings, judged, now);
  return world.store.commit({ at: now, who: SYSTEM, ...change });
}

/** What is to be written for one judged alert. */
export async function changeOfStep(
  world: Pick<World, 'store'>,
  settings: Settings,
  { row, step }: Judged,
  now: Millis,
): Promise<Pick<Change, 'why' | 'about' | 'writes'>> {
  const alert = step.alert;
  const about = [`alert/${row.id}`];
  const why = [step.why];
  const writes: Write[] = [];
  if (alert === null) {
    writes.push(drop(row), neverWake('alert', row.id));
  } else {
    writes.push(put(row, alert), wake('alert', row.id, step.wakeAt));
    if (step.transition !== null) {
      const follows = await followUp(world, settings, { before: row.value, alert, transition: step.transition }, now);
      writes.push(...follows.writes);
      about.push(...follows.about);
      why.push(...follows.why);
    }
  }
  const name = (alert ?? row.value)?.labels['alertname'] ?? 'alert';
  const visible = step.transition !== null;
  return { why: `${name} ${why.join('; ')}`, about: visible ? about : [], writes };
}
