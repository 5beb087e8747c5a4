import { stepForeign, foreignIdentity, type ForeignAlert } from '../core/alerts/foreign.ts';
import { fingerprint } from '../core/base/labels.ts';
import type { Settings } from '../core/config/settings.ts';
import type { World } from '../world.ts';
import { fresh } from './change.ts';
import { commitStep } from './judge.ts';

export interface Ingested {
  readonly fired: number;
  readonly resolved: number;
  readonly repeated: number;
}

const TRIES = 20;

/** Foreign alerts come in, each on its own and deduplicated by its labels. When this returns, all of them are durable. */
export async function ingestAlerts(
  world: Pick<World, 'store' | 'clock'>,
  settings: Settings,
  stated: readonly ForeignAlert[],
): Promise<Ingested> {
  const count = { fired: 0, resolved: 0, repeated: 0 };
  for (const alert of stated) count[await ingestOne(world, settings, alert)] += 1;
  return count;
}

async function ingestOne(world: Pick<World, 'store' | 'clock'>, settings: Settings, stated: ForeignAlert): Promise<keyof Ingested> {
  const print = fingerprint(foreignIdentity(stated.labels));
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const now = world.clock.now();
    const [row] = await world.store.openAlertsByFingerprint([print]);
    if (row !== undefined && row.value.rule !== null) return 'repeated';
    const step = stepForeign(row?.value ?? null, stated, now);
    if (step.alert === null) return 'repeated';
    if ((await commitStep(world, settings, { row: row ?? fresh('alert', step.alert.id), step }, now)) === 'stale') continue;
    return step.transition === 'fired' ? 'fired' : step.transition === 'resolved' ? 'resolved' : 'repeated';
  }
  throw new Error('too much contention: send the alerts again');
}
