import type { Alert } from '../core/alerts/alert.ts';
import { stepForeign, foreignIdentity, type ForeignAlert } from '../core/alerts/foreign.ts';
import type { LevelName } from '../core/alerts/severity.ts';
import { fingerprint, type Labels } from '../core/base/labels.ts';
import type { Settings } from '../core/config/settings.ts';
import type { World } from '../world.ts';
import { fresh } from './change.ts';
import { commitStep } from './judge.ts';

type Part = Pick<World, 'store' | 'clock'>;

/** Every alert of ours about ourselves carries this. */
const OURS = { source: 'tocsin' };

/** Tocsin's own troubles are alerts like any other: an undelivered message, a silent agent, a rule that cannot be judged. */
export async function raiseTrouble(
  world: Part,
  settings: Settings,
  labels: Labels & { readonly severity?: LevelName },
  summary: string,
): Promise<void> {
  await state(world, settings, { labels: { severity: 'warning', ...labels, ...OURS }, annotations: { summary }, status: 'firing' });
}

/** The trouble is over; nothing happens where there was none. */
export async function clearTrouble(world: Part, settings: Settings, labels: Labels): Promise<void> {
  await state(world, settings, { labels: { ...labels, ...OURS }, annotations: {}, status: 'resolved' });
}

async function state(world: Part, settings: Settings, said: Pick<ForeignAlert, 'labels' | 'annotations' | 'status'>): Promise<void> {
  const stated: ForeignAlert = { ...said, startsAt: null, endsAt: null, generatorUrl: '' };
  const print = fingerprint(foreignIdentity(stated.labels));
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const now = world.clock.now();
    const [row] = await world.store.openAlertsByFingerprint([print]);
    if (row !== undefined && isSame(row.value, stated)) return;
    const step = stepForeign(row?.value ?? null, stated, now);
    if (step.alert === null) return;
    if ((await commitStep(world, settings, { row: row ?? fresh('alert', step.alert.id), step }, now)) === 'done') return;
  }
}

function isSame(alert: Alert, stated: ForeignAlert): boolean {
  return (
    stated.status === 'firing' &&
    alert.annotations['summary'] === stated.annotations['summary'] &&
    alert.severity === stated.labels['severity']
  );
}
