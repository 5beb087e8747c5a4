import { triggersFor } from '../core/actions/trigger.ts';
import type { AlertStep } from '../core/alerts/step.ts';
import type { Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import type { World } from '../world.ts';
import { Gathering } from './gathering.ts';
import { changeOfStep, commitStep, type Judged } from './judge.ts';

/** Alerts in one commit at most: for its length nothing else happens. */
const MOST_TOGETHER = 128;

interface Left {
  /** Their rows changed meanwhile. */
  readonly stale: readonly Judged[];
  /** What went wrong with some of the others; one that fails holds up none. */
  readonly failures: readonly unknown[];
}

/** Commits what happened to many alerts, many in one commit where they do not depend on each other. */
export async function commitSteps(world: Pick<World, 'store'>, settings: Settings, judged: readonly Judged[], now: Millis): Promise<Left> {
  const stale: Judged[] = [];
  const failures: unknown[] = [];
  const apart: Judged[] = [];
  const free: Judged[] = [];
  for (const one of judged) (pullsTriggers(one.step, settings) ? apart : free).push(one);
  for (let first = 0; first < free.length; first += MOST_TOGETHER) {
    const part = free.slice(first, first + MOST_TOGETHER);
    if (part.length < 2 || !(await commitTogether(world, settings, part, now))) apart.push(...part);
  }
  for (const one of apart) {
    try {
      if ((await commitStep(world, settings, one, now)) === 'stale') stale.push(one);
    } catch (error) {
      failures.push(error);
    }
  }
  return { stale, failures };
}

async function commitTogether(world: Pick<World, 'store'>, settings: Settings, part: readonly Judged[], now: Millis): Promise<boolean> {
  try {
    const gathering = new Gathering(world.store);
    for (const one of part) gathering.add(await changeOfStep({ store: gathering.store }, settings, one, now));
    const change = gathering.change(now);
    return change === null || (await world.store.commit(change)) === 'done';
  } catch {
    // Each on its own shows which of them it is.
    return false;
  }
}

/** Limits of triggers and actions count what is written already, so these are decided one after the other. */
export function pullsTriggers({ alert, transition }: AlertStep, settings: Settings): boolean {
  if (alert === null || transition === null || settings.triggers.size === 0) return false;
  return triggersFor([...settings.triggers.values()], alert, transition === 'resolved' ? 'resolved' : 'firing').length > 0;
}
