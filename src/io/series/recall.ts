import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Millis } from '../../core/base/time.ts';
import type { Block } from './block-file.ts';
import { syncFolder } from './block-list.ts';
import { writeWarm } from './cold-file.ts';
import type { Keeper } from './keeper.ts';
import { pauses } from './pauses.ts';

/** Which cold blocks come back, those with samples between two moments, both included, and until when they stay. */
export interface RecallAsk {
  readonly from: Millis;
  readonly to: Millis;
  readonly until: Millis;
  readonly at: Millis;
}

/** What bringing back would be, or is, about. */
export interface RecallPlan {
  readonly blocks: number;
  /** What they occupy in the cold folder; here it is about twice as much. */
  readonly bytes: number;
  /** Blocks that were brought back before, and stay longer now. */
  readonly back: number;
  /** Is something being brought back right now? */
  readonly running: boolean;
  /** Cold blocks that cannot be read, perhaps with samples of that time, and why. */
  readonly unreadable: readonly { readonly name: string; readonly problem: string }[];
}

/** How far bringing back is. */
export interface RecallStatus extends RecallAsk {
  readonly blocks: number;
  readonly done: number;
  /** What did not come back, and why: it stays in the cold folder. */
  readonly failed: readonly { readonly name: string; readonly problem: string }[];
  /** Null while it goes on. */
  readonly endedAt: Millis | null;
}

/** Brings cold blocks back, one after the other: each is a warm one from the moment the list says so. */
export class Recall {
  status: RecallStatus | null = null;
  private waiting: readonly string[] = [];

  /** What a recall of this time would bring. */
  plan({ blocks: folder }: Keeper, { from, to }: Pick<RecallAsk, 'from' | 'to'>): RecallPlan {
    const wanted = coldBetween(folder.blocks, from, to);
    const { blocks: listed } = folder.list;
    const lost = listed.filter(
      ({ name, cold, maxTime }) => cold !== undefined && maxTime >= from && !folder.blocks.some((one) => one.name === name),
    );
    return {
      blocks: wanted.length,
      bytes: wanted.reduce((sum, { bytes }) => sum + bytes, 0),
      back: backBetween(folder, from, to).length,
      running: this.status !== null && this.status.endedAt === null,
      unreadable: folder.problems.filter(({ name }) => lost.some((one) => one.name === name)),
    };
  }

  /** Begins; null, or why not. */
  begin(keeper: Keeper, ask: RecallAsk): string | null {
    const { unreadable, running } = this.plan(keeper, ask);
    if (running) return 'blocks are being brought back already';
    for (const { name } of backBetween(keeper.blocks, ask.from, ask.to))
      if ((keeper.blocks.keptUntil(name) ?? 0) < ask.until) keeper.blocks.relist(name, { cold: undefined, keptUntil: ask.until });
    this.waiting = coldBetween(keeper.blocks.blocks, ask.from, ask.to).map(({ name }) => name);
    this.status = { ...ask, blocks: this.waiting.length, done: 0, failed: unreadable, endedAt: null };
    return null;
  }

  /** Brings the next one back; false when there is none left. */
  async next(keeper: Keeper, now: () => Millis): Promise<boolean> {
    const { status } = this;
    const [name, ...rest] = this.waiting;
    this.waiting = rest;
    if (status === null || status.endedAt !== null) return false;
    if (name === undefined) {
      this.status = { ...status, endedAt: now() };
      return false;
    }
    const problem = await keeper.alone(() => bringBack(keeper, name, status.until));
    this.status = problem === null ? { ...status, done: status.done + 1 } : { ...status, failed: [...status.failed, { name, problem }] };
    return true;
  }
}

/** Null when the block is a warm one now, or no longer wanted; else why it is not. */
async function bringBack({ blocks, disk }: Keeper, name: string, until: Millis): Promise<string | null> {
  const block = blocks.blocks.find((one) => one.name === name);
  if (block === undefined || !block.isCold) return null;
  if (disk?.hasRoom(block.plainBytes, 'above the floor') === false) return 'the disk has no room for it';
  const path = join(blocks.folder, name);
  const fresh = `${path}.new`;
  try {
    await writeWarm(block.path, fresh);
    const copy = blocks.open(fresh);
    const damaged = await copy.check(pauses()).finally(() => copy.close());
    if (damaged > 0) throw new Error(`damaged: ${damaged} of its ${block.footer.chunks} chunks are not what was written`);
    renameSync(fresh, path);
    syncFolder(blocks.folder);
    blocks.replaceByCopy(block, path, { cold: undefined, keptUntil: until });
    return null;
  } catch (error) {
    rmSync(fresh, { force: true });
    return error instanceof Error ? error.message : String(error);
  }
}

function coldBetween(blocks: readonly Block[], from: Millis, to: Millis): readonly Block[] {
  return blocks.filter(({ isCold, minTime, maxTime }) => isCold && minTime <= to && maxTime >= from);
}

function backBetween(folder: Keeper['blocks'], from: Millis, to: Millis): readonly Block[] {
  return folder.blocks.filter(
    ({ name, isCold, minTime, maxTime }) => !isCold && minTime <= to && maxTime >= from && folder.keptUntil(name) !== null,
  );
}
