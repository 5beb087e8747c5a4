import { formatActor, type Principal } from '../../core/access/actor.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import { type Hold, wholeDays } from '../../core/series/hold.ts';
import type { World } from '../../world.ts';
import { elsewhere, formatTimes, shorten } from './series.ts';

/** Who keeps samples from being deleted; src/main gives it. */
export interface SeriesHolds {
  /** Null, or why it is not in force. */
  hold(hold: Omit<Hold, 'since'>): Promise<string | null>;
  /** Null, or why it is not lifted. */
  lift(name: string): Promise<string | null>;
}

export interface HoldCommands {
  readonly world: Pick<World, 'store' | 'clock'>;
  /** Null: another server keeps the samples. */
  readonly keeping: SeriesHolds | null;
}

const ABOUT = ['series'];

/** Lets nothing delete samples; it is about whole days. */
export async function holdSamples(
  commands: HoldCommands,
  by: Principal,
  wish: Omit<Hold, 'since' | 'by'>,
): Promise<Result<Pick<Hold, 'name' | 'from' | 'to'>>> {
  const { keeping } = commands;
  if (keeping === null) return elsewhere();
  const hold = { ...wish, ...wholeDays(wish.from, wish.to), by: formatActor(by.actor) };
  const problem = await keeping.hold(hold);
  if (problem !== null) return refuse('conflict', `The hold is not in force: ${problem}.`);
  await note(commands, by, `holds ${shorten(wish.match.join(', '))}${formatTimes(hold)} as ${wish.name}; because: ${wish.reason}`);
  return { ok: hold };
}

/** Ends a hold. */
export async function liftHold(
  commands: HoldCommands,
  by: Principal,
  wish: { readonly name: string; readonly reason: string },
): Promise<Result<null>> {
  const { keeping } = commands;
  if (keeping === null) return elsewhere();
  const problem = await keeping.lift(wish.name);
  if (problem !== null) return refuse('conflict', `The hold is not lifted: ${problem}.`);
  await note(commands, by, `lifted the hold ${wish.name}${wish.reason === '' ? '' : `; because: ${wish.reason}`}`);
  return { ok: null };
}

async function note({ world }: HoldCommands, by: Principal, why: string): Promise<void> {
  await world.store.commit({ at: world.clock.now(), who: by.actor, why, about: ABOUT, writes: [] });
}
