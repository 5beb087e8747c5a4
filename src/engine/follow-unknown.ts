import { formatActor, SYSTEM } from '../core/access/actor.ts';
import { isFinal, type Run } from '../core/actions/run.ts';
import { NEVER } from '../core/base/time.ts';
import type { Found } from '../core/change/change.ts';
import type { Settings } from '../core/config/settings.ts';
import type { World } from '../world.ts';
import { decideAndCommit, find, fresh, sleepUntil } from './change.ts';
import { describeRequest, requestRun } from './request-run.ts';
import { clearTrouble, raiseTrouble } from './trouble.ts';

type Part = Pick<World, 'store' | 'clock'>;

/** What a run that repeats another is called: by the one before, so that however often this is decided there is one, and it has none itself. */
const AGAIN = '-again';

/**
 * Nobody knows how a run ended: that is an alert until the truth comes, its repetition succeeds or a person closes it, and what the configuration calls safe to
 * repeat is asked for once more, with a new approval where one is needed.
 */
export async function followUnknown(world: Part, settings: Settings, row: Found<'run'>): Promise<void> {
  const run = row.value;
  if (run.state === 'unknown') {
    await askAgain(world, settings, run);
    const owner = settings.actions.get(run.action)?.owner ?? '';
    const responsible = owner === '' ? '' : ` Responsible: ${owner}.`;
    const summary = `Nobody knows how ${run.action} on ${run.host} ended: ${run.reason}.${responsible}`;
    await raiseTrouble(world, settings, { ...troubleOf(run), severity: 'error' }, summary);
  } else {
    await clearTrouble(world, settings, troubleOf(run));
    if (isSuccessOfAgain(run)) await clearTrouble(world, settings, troubleOf({ ...run, id: run.id.slice(0, -AGAIN.length) }));
  }
  if (isFinal(run.state)) await sleepUntil(world, row, { kind: 'run', at: NEVER });
}

/** Whether it becomes or is no longer unknown how a run, or the one that it repeats, ended: something follows from that. */
export function concernsUnknown(before: Run, after: Run): boolean {
  return (before.state === 'unknown') !== (after.state === 'unknown') || isSuccessOfAgain(after);
}

function isSuccessOfAgain({ id, state }: Run): boolean {
  return state === 'succeeded' && id.endsWith(AGAIN);
}

function troubleOf({ id, action, host }: Run): {
  readonly alertname: string;
  readonly instance: string;
  readonly action: string;
  readonly run: string;
} {
  return { alertname: 'RunUnknown', instance: host, action, run: id };
}

async function askAgain(world: Part, settings: Settings, run: Run): Promise<void> {
  const action = settings.actions.get(run.action);
  if (action?.retrySafe !== true || action.version !== run.version || run.id.endsWith(AGAIN)) return;
  const row = fresh('run', `${run.id}${AGAIN}`);
  const trigger = run.trigger === null ? null : (settings.triggers.get(run.trigger) ?? null);
  await decideAndCommit(world, async () => {
    if ((await world.store.load('run', row.id)).value !== null) return { change: null, answer: null };
    const alert = run.alert === null ? null : await find(world.store, 'alert', run.alert);
    // What it was to counter is over.
    if (alert?.value.state === 'resolved' && trigger?.on !== 'resolved') return { change: null, answer: null };
    const requested = await requestRun(
      world,
      settings,
      {
        id: row.id,
        action: run.action,
        parameters: run.parameters,
        requestedBy: run.requestedBy,
        comment: `once more: nobody knows how ${run.id} ended`,
        alert: run.alert,
        trigger,
        target: alert?.value.fingerprint ?? '',
        repeats: run.id,
        idempotencyKey: null,
        requestHash: '',
        problems: [],
        alongside: [],
      },
      world.clock.now(),
    );
    const about = [`run/${row.id}`, ...(run.alert === null ? [] : [`alert/${run.alert}`])];
    const why = `${describeRequest(requested.run)}; once more for ${formatActor(run.requestedBy)}, because ${run.id} is unknown`;
    return { change: { who: SYSTEM, why, about, writes: requested.writes }, answer: null };
  });
}
