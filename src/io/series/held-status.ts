import type { Millis } from '../../core/base/time.ts';
import { HOLDS_FILE } from './holds.ts';
import type { Keeper } from './keeper.ts';
import { sparedBlocks } from './spared.ts';

/** A hold, and what it keeps: whole blocks, whatever else is in them. */
export interface HoldStatus {
  readonly name: string;
  readonly match: readonly string[];
  readonly from: Millis;
  readonly to: Millis;
  readonly reason: string;
  readonly by: string;
  /** Null: it stands in the configuration. */
  readonly since: Millis | null;
  /** Series that are known now. */
  readonly series: number;
  /** Block files, those of tiers among them, and what they occupy. */
  readonly blocks: number;
  readonly bytes: number;
}

/** All that is held. */
export interface HeldStatus {
  readonly holds: readonly HoldStatus[];
  /** Files that are under any hold; those that would be deleted by now if they were not. */
  readonly blocks: number;
  readonly bytes: number;
  readonly overdueBlocks: number;
  readonly overdueBytes: number;
  /** Why the list of holds cannot be read, so that everything is held; null: it can. */
  readonly problem: string | null;
}

/** What is held, and what would be gone without. */
export function heldStatus(
  { holds, blocks, tiers }: Keeper,
  { now, retention }: { readonly now: Millis; readonly retention: Millis },
): HeldStatus {
  const files = [...blocks.blocks, ...(tiers?.files ?? [])];
  const held = files.filter((file) => holds.holds(file));
  const spared = Number.isFinite(retention) ? sparedBlocks({ blocks, holds }, { now, before: now - retention }) : new Set<string>();
  const overdue = blocks.blocks.filter(({ name }) => spared.has(name) && blocks.keptUntil(name) === null);
  return {
    holds: holds.list.map((hold) => {
      const own = files.filter((file) => holds.isIn(hold, file));
      const { name, match, from, to, reason, by, since } = hold;
      return { name, match, from, to, reason, by, since, series: holds.refsOf(hold).length, blocks: own.length, bytes: sumOf(own) };
    }),
    blocks: held.length,
    bytes: sumOf(held),
    overdueBlocks: overdue.length,
    overdueBytes: sumOf(overdue),
    problem: holds.problem === null ? null : `${HOLDS_FILE}: ${holds.problem}`,
  };
}

function sumOf(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
