import { SYSTEM } from '../core/access/actor.ts';
import { HOUR, SECOND, type Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import type { World } from '../world.ts';
import { wake } from './change.ts';

const BATCH = 1000;

/** History older than the configuration keeps goes, a bounded piece at a time, outputs included. */
export async function retain(world: World, settings: Settings, id: string, now: Millis): Promise<void> {
  const { deleted, runs } = await world.store.retain(now - settings.keepHistory, BATCH);
  for (const run of runs) await world.removeOutput(run);
  const more = deleted >= BATCH;
  await world.store.commit({
    at: now,
    who: SYSTEM,
    why: 'retained',
    about: [],
    writes: [wake('retain', id, now + (more ? SECOND : HOUR))],
  });
}
