import type { Principal } from '../../core/access/actor.ts';
import { formatInstant } from '../../core/base/calendar.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import type { Millis } from '../../core/base/time.ts';
import type { Matcher } from '../../core/promql/matcher.ts';
import type { World } from '../../world.ts';

/** Samples that are wanted no more, and why. */
export interface DeletionWish {
  /** Selectors as they were written, for the audit log. */
  readonly texts: readonly string[];
  readonly selectors: readonly (readonly Matcher[])[];
  readonly from: Millis;
  readonly to: Millis;
  readonly reason: string;
}

type Asked = Pick<DeletionWish, 'selectors' | 'from' | 'to'>;

/** What can be done with samples that are kept here; src/main gives it. */
export interface SeriesKeeping {
  countDeletion(asked: Asked): Promise<{ readonly series: number; readonly samples: number }>;
  /** True for every query when it resolves without an error. */
  delete(asked: Asked): Promise<{ readonly error: string; readonly held: boolean } | null>;
  clean(): Promise<{ readonly blocks: number; readonly freedBytes: number }>;
  snapshot(name: string | null, scope: SnapshotScope): Promise<SnapshotView | { readonly error: string }>;
  snapshots(): Promise<readonly SnapshotView[]>;
  /** Whether there was one. */
  removeSnapshot(name: string): Promise<boolean>;
}

/** What goes into a snapshot: blocks, what is only in memory and journal as well, and what is in the cold folder as well. */
export type SnapshotScope = 'blocks' | 'all' | 'cold too';

/** A copy of the stored blocks as they were at one moment. */
export interface SnapshotView {
  readonly name: string;
  readonly at: Millis;
  readonly blocks: number;
  readonly samples: number;
  readonly bytes: number;
  readonly from: Millis | null;
  readonly to: Millis | null;
  /** Blocks that are not in it. */
  readonly leftOut: number;
  /** Where the cold ones of them are; null or absent: there are none. */
  readonly coldPlace?: string | null;
}

export interface SeriesCommands {
  readonly world: Pick<World, 'store' | 'clock'>;
  /** Null: another server keeps the samples. */
  readonly keeping: SeriesKeeping | null;
}

const ABOUT = ['series'];
/** The years that a moment in the audit log may have; what is beyond them is no bound. */
const FIRST = -62_135_596_800_000;
const LAST = 253_402_300_799_999;
const TEXT_LIMIT = 2_000;

/** How much a deletion would be about. */
export async function countSamples(
  { keeping }: SeriesCommands,
  wish: Omit<DeletionWish, 'reason'>,
): Promise<Result<{ readonly series: number; readonly samples: number }>> {
  return keeping === null ? elsewhere() : { ok: await keeping.countDeletion(wish) };
}

/** Deletes samples for good; the audit log says who, what and why before it happens. */
export async function deleteSamples(
  commands: SeriesCommands,
  by: Principal,
  wish: DeletionWish,
): Promise<Result<{ readonly series: number; readonly samples: number }>> {
  const { keeping } = commands;
  if (keeping === null) return elsewhere();
  const counted = await keeping.countDeletion(wish);
  const what = `${counted.samples} samples of ${counted.series} series: ${shorten(wish.texts.join(', '))}${formatTimes(wish)}`;
  await note(commands, by, `deletes ${what}${wish.reason === '' ? '' : `; because: ${wish.reason}`}`);
  if (counted.series === 0) return { ok: counted };
  const outcome = await keeping.delete(wish);
  if (outcome === null) return { ok: counted };
  await note(commands, by, `could not delete ${what}: ${outcome.error}`);
  if (outcome.held) return refuse('conflict', `The samples may not be deleted: ${outcome.error}.`);
  return refuse('unavailable', `The samples cannot be deleted: ${outcome.error}`);
}

/** Gets back what deleted samples occupy. */
export async function cleanTombstones(
  commands: SeriesCommands,
  by: Principal,
): Promise<Result<{ readonly blocks: number; readonly freedBytes: number }>> {
  const { keeping } = commands;
  if (keeping === null) return elsewhere();
  try {
    const cleaned = await keeping.clean();
    if (cleaned.blocks > 0) await note(commands, by, `wrote ${cleaned.blocks} blocks anew, ${cleaned.freedBytes} bytes smaller`);
    return { ok: cleaned };
  } catch (error) {
    return refuse('unavailable', `The blocks cannot be written anew: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Makes a snapshot for a backup. */
export async function takeSnapshot(
  commands: SeriesCommands,
  by: Principal,
  { name, scope }: { readonly name: string | null; readonly scope: SnapshotScope },
): Promise<Result<SnapshotView>> {
  const { keeping } = commands;
  if (keeping === null) return elsewhere();
  const made = await keeping.snapshot(name, scope);
  if ('error' in made) return refuse('conflict', `There is no snapshot: ${made.error}.`);
  await note(commands, by, `made the snapshot ${made.name}: ${made.samples} samples in ${made.blocks} blocks`);
  return { ok: made };
}

export async function listSnapshots({ keeping }: SeriesCommands): Promise<Result<readonly SnapshotView[]>> {
  return keeping === null ? elsewhere() : { ok: await keeping.snapshots() };
}

export async function removeSnapshot(commands: SeriesCommands, by: Principal, name: string): Promise<Result<null>> {
  const { keeping } = commands;
  if (keeping === null) return elsewhere();
  if (!(await keeping.removeSnapshot(name))) return refuse('not_found', `There is no snapshot ${name.slice(0, 100)}.`);
  await note(commands, by, `removed the snapshot ${name}`);
  return { ok: null };
}

async function note({ world }: SeriesCommands, by: Principal, why: string): Promise<void> {
  await world.store.commit({ at: world.clock.now(), who: by.actor, why, about: ABOUT, writes: [] });
}

/** The refusal where samples are kept by another server. */
export function elsewhere() {
  return refuse('unavailable', 'Another server keeps the series: ask that one.');
}

/** ` from ... to ...`, of bounds that are some. */
export function formatTimes({ from, to }: Pick<DeletionWish, 'from' | 'to'>): string {
  const since = from < FIRST ? '' : ` from ${formatInstant(from)}`;
  return to > LAST ? since : `${since} to ${formatInstant(to)}`;
}

/** A text that is not too long for the audit log. */
export function shorten(text: string): string {
  return text.length <= TEXT_LIMIT ? text : `${text.slice(0, TEXT_LIMIT)}...`;
}
