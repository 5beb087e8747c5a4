import type { Principal } from '../../core/access/actor.ts';
import { formatInstant } from '../../core/base/calendar.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import type { Millis } from '../../core/base/time.ts';
import type { World } from '../../world.ts';
import { elsewhere, formatTimes } from './series.ts';

interface Range {
  readonly from: Millis;
  readonly to: Millis;
}

interface Failure {
  readonly name: string;
  readonly problem: string;
}

interface RecallPlan {
  readonly blocks: number;
  readonly bytes: number;
  readonly back: number;
  readonly running: boolean;
  readonly unreadable: readonly Failure[];
}

/** How samples come back from the cold folder; src/main gives it. */
export interface SeriesRecall {
  planRecall(range: Range): Promise<RecallPlan>;
  /** Resolves when all blocks are back, or cannot come. */
  recall(
    ask: Range & { readonly until: Millis },
  ): Promise<{ readonly error: string } | { readonly done: number; readonly failed: readonly Failure[] }>;
}

export interface RecallCommands {
  readonly world: Pick<World, 'store' | 'clock'>;
  /** Null: another server keeps the samples. */
  readonly keeping: SeriesRecall | null;
}

/** Which samples are to come back, and for how long. */
export interface RecallWish extends Range {
  readonly keep: Millis;
  readonly reason: string;
  /** Count only. */
  readonly dryRun: boolean;
}

const ABOUT = ['series'];
const NAMED = 5;

/** Brings blocks back from the cold folder, behind the answer; the audit log says who wanted it, and what came of it. */
export async function recallSamples(
  commands: RecallCommands,
  by: Principal,
  wish: RecallWish,
): Promise<Result<RecallPlan & { readonly until: Millis; readonly started: boolean }>> {
  const { keeping, world } = commands;
  if (keeping === null) return elsewhere();
  const plan = await keeping.planRecall(wish);
  if (plan.running && !wish.dryRun) return refuse('conflict', 'Blocks are being brought back already: wait until they are there.');
  const until = world.clock.now() + wish.keep;
  const started = !wish.dryRun && plan.blocks + plan.back > 0;
  if (!started) return { ok: { ...plan, until, started } };
  const because = wish.reason === '' ? '' : `; because: ${wish.reason}`;
  const what = `blocks${formatTimes(wish)} from the cold folder`;
  await note(commands, by, `brings back ${plan.blocks} ${what}, to stay until ${formatInstant(until)}${because}`);
  const { from, to } = wish;
  keeping
    .recall({ from, to, until })
    .then(
      (ended) => note(commands, by, 'error' in ended ? `could not bring back ${what}: ${ended.error}` : describe(what, ended)),
      (error: unknown) => note(commands, by, `could not bring back ${what}: ${error instanceof Error ? error.message : String(error)}`),
    )
    .catch(() => {});
  return { ok: { ...plan, until, started } };
}

function describe(what: string, { done, failed }: { readonly done: number; readonly failed: readonly Failure[] }): string {
  const named = failed.slice(0, NAMED).map(({ name, problem }) => `${name} (${problem})`);
  const more = failed.length > NAMED ? ` and ${failed.length - NAMED} more` : '';
  return `brought back ${done} ${what}${failed.length === 0 ? '' : `; not: ${named.join(', ')}${more}`}`;
}

async function note({ world }: RecallCommands, by: Principal, why: string): Promise<void> {
  await world.store.commit({ at: world.clock.now(), who: by.actor, why, about: ABOUT, writes: [] });
}
