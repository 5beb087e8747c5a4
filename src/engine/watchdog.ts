import { SYSTEM } from '../core/access/actor.ts';
import { isFinal } from '../core/actions/run.ts';
import { GRACE } from '../core/actions/step-run.ts';
import { MINUTE, NEVER, type Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Write } from '../core/change/change.ts';
import type { World } from '../world.ts';
import { put, wake } from './change.ts';
import { joinGroups } from './follow-up.ts';
import { clearTrouble, raiseTrouble } from './trouble.ts';

const EVERY: Millis = MINUTE;
const LATE: Millis = 5 * MINUTE;

/**
 * Once a minute the invariants are checked that the other stages should keep by themselves: a firing alert is in a group, an open run has
 * a moment, nothing is overdue for long. What is found is mended and becomes an alert, because somebody must know.
 */
export async function watch(world: World, settings: Settings, id: string, now: Millis): Promise<void> {
  const found = [...(await mendAlerts(world, settings, now)), ...(await mendRuns(world, now)), ...(await findOverdue(world, now))];
  const labels = { alertname: 'InvariantBroken', severity: 'error' } as const;
  if (found.length > 0) await raiseTrouble(world, settings, labels, found.slice(0, 5).join('; '));
  else await clearTrouble(world, settings, labels);
  await world.store.commit({ at: now, who: SYSTEM, why: 'watched', about: [], writes: [wake('watchdog', id, now + EVERY)] });
}

async function mendAlerts(world: World, settings: Settings, now: Millis): Promise<string[]> {
  const found: string[] = [];
  for (const row of await world.store.ungroupedAlerts(100)) {
    const joined = await joinGroups(world, settings, row.value, now);
    const why = `the firing alert ${row.id} was in no group: mended`;
    const writes = [put(row, row.value), ...joined.writes];
    await world.store.commit({ at: now, who: SYSTEM, why, about: [`alert/${row.id}`], writes });
    found.push(why);
  }
  return found;
}

async function mendRuns(world: World, now: Millis): Promise<string[]> {
  const found: string[] = [];
  const writes: Write[] = [];
  for (const row of await world.store.openRuns({})) {
    if (isFinal(row.value.state) || row.value.deadline === NEVER || now < row.value.deadline + GRACE) continue;
    writes.push(wake('run', row.id, now));
    found.push(`the run ${row.id} was past its deadline: woken`);
  }
  if (writes.length > 0) await world.store.commit({ at: now, who: SYSTEM, why: 'woken by the watchdog', about: [], writes });
  return found;
}

async function findOverdue(world: World, now: Millis): Promise<string[]> {
  const [first] = await world.store.agenda(1);
  if (first === undefined || now - first.at < LATE || world.clock.startedAt > now - LATE) return [];
  return [`${first.kind} ${first.id} is overdue`];
}
