import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Millis } from '../../core/base/time.ts';
import { DAY, HOUR } from '../../core/base/time.ts';
import type { Head, SamplePart } from '../../core/series/head.ts';
import type { Hold } from '../../core/series/hold.ts';
import type { Memtable } from '../../core/series/memtable.ts';
import type { Block } from './block-file.ts';
import { BlockFolder } from './block-folder.ts';
import { Holds } from './holds.ts';
import { ColdFolder, type ColdRules } from './cold-folder.ts';
import type { DiskRoom } from './disk-room.ts';
import { writeBlock } from './block-writer.ts';
import { Expiry } from './expiry.ts';
import { writeExtras } from './extras-file.ts';
import type { Journal } from './journal.ts';
import { pauses } from './pauses.ts';
import { PurgeLog } from './purge-log.ts';
import { TierKeeper, type TierRule } from './tiers/tier-keeper.ts';

export interface KeeperOptions {
  readonly folder: string;
  /** Samples are deleted when the whole block they are in is older than this. */
  readonly retention: Millis;
  /** Blocks and tiers together occupy at most so much; the oldest go first. */
  readonly retentionBytes: number;
  /** The coarser tiers, from fine to coarse. */
  readonly tiers: readonly TierRule[];
  /** Where old blocks go; null: they stay. */
  readonly cold: ColdRules | null;
  /** What the configuration says may not be deleted. */
  readonly holds: readonly Hold[];
  readonly lateWindow: Millis;
  /** A memtable is written out when it holds so many samples, or the journal so many bytes, or when it is this old. */
  readonly flushSamples: number;
  readonly flushJournalBytes: number;
  readonly flushEvery: Millis;
}

/** What writing blocks anew has brought. */
export interface Cleaned {
  readonly blocks: number;
  readonly freedBytes: number;
}

export const DEFAULT_KEEPING = {
  retentionBytes: Number.POSITIVE_INFINITY,
  tiers: [],
  cold: null,
  holds: [],
  flushSamples: 8_000_000,
  flushJournalBytes: 512 << 20,
  flushEvery: 2 * HOUR,
};

/** Exemplars and metadata, in the folder of the store. */
export const EXTRAS = 'extras.bin';
/** When nothing came for this long, the time is used: this many samples are not kept in journal and memory. */
const IDLE_AFTER = 30_000;
const IDLE_SAMPLES = 500_000;
/** A memtable of so many samples, and of so many of each series, is worth a block. */
const ENOUGH_SAMPLES = 1_000_000;
const ENOUGH_OF_EACH = 30;
/** So many blocks of about one size become one. */
const MERGE_AT_LEAST = 4;
const MERGE_GROWTH = 3;
/** Blocks with deleted samples are written anew after this time, unless that happens anyway. */
const CLEAN_AFTER = HOUR;
/** About what a sample takes in a block, rather more. */
const BYTES_A_SAMPLE = 2;
/** What is further apart than this many days shares a block: nobody sends so much at once but to do harm. */
const DAYS_LIMIT = 62;

/**
 * Moves samples from memory to block files and lets go of old ones: a memtable becomes one block for each day it has samples of, blocks
 * of a day are merged, and blocks past the retention are deleted. One thing at a time, in slices.
 */
export class Keeper {
  readonly blocks: BlockFolder;
  readonly holds: Holds;
  /** Null: there are none. */
  readonly tiers: TierKeeper | null;
  readonly purges = new PurgeLog();
  flushes = 0;
  merges = 0;
  /** Blocks written anew without what was deleted. */
  rewrites = 0;
  /** Why the last attempt failed; null when it did not. */
  problem: string | null = null;
  /** Why old blocks could not go to the cold folder the last time; null when they could. */
  coldProblem: string | null = null;
  /** Null: nobody asks whether there is room. */
  disk: DiskRoom | null = null;
  readonly head: Head;
  private readonly cold: ColdFolder | null;
  private readonly options: KeeperOptions;
  private readonly expiry: Expiry;
  private journal: Journal | null = null;
  private frozen: { readonly memtable: Memtable; readonly journalUpTo: number } | null = null;
  private begun: Millis | null = null;
  private seen = { samples: 0, at: 0 };
  private working: Promise<void> | null = null;
  /** How many exemplars were removed when the file of extras was written, and when that was looked at last. */
  private extrasWithout = 0;
  private extrasAt = Number.NEGATIVE_INFINITY;

  constructor(head: Head, options: KeeperOptions) {
    this.head = head;
    this.options = options;
    this.cold = options.cold === null ? null : new ColdFolder(options.cold, options.folder);
    this.blocks = new BlockFolder(join(options.folder, 'blocks'), head, this.cold);
    this.holds = new Holds(head, options.folder, options.holds);
    const { purges, holds } = this;
    const { folder, tiers, lateWindow, flushEvery } = options;
    this.tiers =
      tiers.length === 0 ? null : new TierKeeper(head, this.blocks, { folder, tiers, settleAfter: lateWindow + flushEvery, purges, holds });
    this.expiry = new Expiry(this, options);
  }

  /** Block files that were deleted. */
  get expired(): number {
    return this.expiry.expired;
  }

  /** The memtables whose samples are in no block yet. */
  get unwritten(): readonly Memtable[] {
    return this.frozen === null ? [this.head.active] : [this.frozen.memtable, this.head.active];
  }

  useJournal(journal: Journal): void {
    this.journal = journal;
    void journal.remove(this.blocks.journalUpTo);
  }

  /** Must memory become blocks now, without waiting for the next look? Not while that fails. */
  get isFull(): boolean {
    return this.working === null && this.problem === null && this.isMuch();
  }

  /** Does what is due, unless it is at something already. */
  async keep(now: Millis): Promise<void> {
    if (this.working === null) await this.exclusively(this.work(now));
  }

  /** Writes everything that is in memory to blocks, whatever its age. */
  async flushAll(): Promise<void> {
    while (this.working !== null) await this.working;
    await this.exclusively(this.flush());
  }

  /** Does something while nothing is written out, merged or removed. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.working !== null) await this.working;
    const done = work();
    this.working = done.then(
      () => {},
      () => {},
    );
    try {
      return await done;
    } finally {
      this.working = null;
    }
  }

  /** Writes a block up to this number anew that holds deleted samples; how many bytes less it takes, null when there is none. */
  async cleanNext(upToBlock: number): Promise<number | null> {
    const block = this.blocks.withCuts(upToBlock);
    if (block !== undefined) return this.alone(async () => block.bytes - (await this.rewrite(block)));
    await this.alone(() => this.cleanExtras());
    return this.alone(async () => (await this.tiers?.cleanNext()) ?? null);
  }

  /** Exemplars that are gone are in the file until it is written anew. */
  private async cleanExtras(): Promise<void> {
    const { removed } = this.head.exemplars;
    if (removed === this.extrasWithout) return;
    await writeExtras(join(this.options.folder, EXTRAS), this.head, pauses());
    this.extrasWithout = removed;
  }

  /** The same samples without the deleted ones, in a new file; its length, 0 when nothing is left. */
  private async rewrite(block: Block): Promise<number> {
    const written = await this.write([block], [[block.minTime, block.maxTime + 1]]);
    this.replace(written, [block], this.blocks.journalUpTo);
    this.rewrites += 1;
    return written.reduce((sum, path) => sum + statSync(path).size, 0);
  }

  /** Waits for what is under way, and writes out what is much. */
  async close(): Promise<void> {
    while (this.working !== null) await this.working;
    // So much would make the next start wait for the journal.
    if (this.frozen !== null || this.head.active.samples >= IDLE_SAMPLES) await this.exclusively(this.flush());
    this.blocks.close();
    this.tiers?.close();
  }

  private async exclusively(work: Promise<void>): Promise<void> {
    this.working = work.then(
      () => {
        this.problem = null;
      },
      (error: unknown) => {
        this.problem = error instanceof Error ? error.message : String(error);
      },
    );
    await this.working;
    this.working = null;
  }

  private async work(now: Millis): Promise<void> {
    this.expiry.run(now);
    if (this.isFlushDue(now)) {
      await this.flush();
      this.begun = null;
    }
    for (let blocks = this.mergeable(now); blocks.length > 0 && this.hasRoomToMerge(blocks); blocks = this.mergeable(now))
      await this.merge(blocks);
    const cut = this.blocks.withCuts(this.blocks.lastNumber);
    if (cut !== undefined && this.hasRoomToMerge([cut]) && this.blocks.deletions.some(({ at }) => at < now - CLEAN_AFTER))
      await this.rewrite(cut);
    if (now - this.extrasAt >= CLEAN_AFTER) {
      await this.cleanExtras();
      this.extrasAt = now;
    }
    await this.tiers?.work(now);
    this.blocks.lookForCold();
    if (this.cold !== null) await this.moveToCold(this.cold, now);
  }

  /** One block at a time; a folder that is away for a while keeps nothing else from being done. */
  private async moveToCold(cold: ColdFolder, now: Millis): Promise<void> {
    const { blocks } = this;
    const block = blocks.blocks.find(
      ({ name, isCold, maxTime, cuts }) =>
        !isCold && cuts.length === 0 && maxTime < now - cold.after && (blocks.keptUntil(name) ?? now) <= now,
    );
    this.coldProblem = cold.whyNot(blocks.list.blocks.some((one) => one.cold !== undefined));
    if (block === undefined || this.coldProblem !== null) return;
    try {
      const path = await cold.store(block.path);
      blocks.replaceByCopy(block, path, { cold: path, keptUntil: undefined });
    } catch (error) {
      this.coldProblem = error instanceof Error ? error.message : String(error);
    }
  }

  private isFlushDue(now: Millis): boolean {
    const { active } = this.head;
    if (this.frozen !== null) return true;
    if (active.samples === 0) return false;
    this.begun ??= now;
    if (active.samples !== this.seen.samples) this.seen = { samples: active.samples, at: now };
    if (active.samples >= IDLE_SAMPLES && now - this.seen.at >= IDLE_AFTER) return true;
    return this.isMuch() || now - this.begun >= this.options.flushEvery;
  }

  private isMuch(): boolean {
    const { flushSamples, flushJournalBytes } = this.options;
    const { active, table } = this.head;
    // What few series bring is compressed well enough after so many samples of each, and a start need not read more from the journal.
    const enough = Math.min(flushSamples, Math.max(ENOUGH_SAMPLES, table.count * ENOUGH_OF_EACH));
    return active.samples >= enough || (this.journal?.bytes ?? 0) >= flushJournalBytes;
  }

  private async flush(): Promise<void> {
    const { journal, head } = this;
    if (journal === null || (this.frozen === null && head.active.samples === 0)) return;
    // What failed before is tried again; only then comes what was received meanwhile.
    this.frozen ??= { memtable: head.freeze(), journalUpTo: journal.rotate() };
    const { memtable, journalUpTo } = this.frozen;
    // A block that does not fit would take what is left from everybody else before it fails.
    if (this.disk?.hasRoom(memtable.samples * BYTES_A_SAMPLE, 'all') === false) throw new Error('the disk has no room for a new block');
    const written = await this.write([memtable], partition(memtable.minTime, memtable.maxTime));
    // The blocks hold samples only, and the journal behind them is let go.
    await writeExtras(join(this.options.folder, EXTRAS), head, pauses());
    this.replace(written, [], journalUpTo);
    head.drop(memtable);
    this.blocks.whenUnread(() => memtable.release());
    this.frozen = null;
    this.flushes += 1;
    await journal.remove(journalUpTo);
  }

  /** What is left is for samples and new blocks: those that are there can be read as they are. */
  private hasRoomToMerge(blocks: readonly Block[]): boolean {
    const bytes = blocks.reduce((sum, block) => sum + block.bytes, 0);
    return this.disk?.hasRoom(bytes, 'above the floor') ?? true;
  }

  private async merge(blocks: readonly Block[]): Promise<void> {
    const from = Math.min(...blocks.map(({ minTime }) => minTime));
    const to = Math.max(...blocks.map(({ maxTime }) => maxTime)) + 1;
    const written = await this.write(blocks, [[from, to]]);
    this.replace(written, blocks, this.blocks.journalUpTo);
    this.merges += 1;
  }

  /** One block for each window that has samples; all of them, or none. */
  private async write(parts: readonly SamplePart[], windows: readonly (readonly [Millis, Millis])[]): Promise<string[]> {
    const written: string[] = [];
    try {
      for (const [from, to] of windows) {
        const path = this.blocks.nextPath();
        const block = await writeBlock(this.head, { path, parts, from, to }, pauses());
        if (block === null) continue;
        written.push(path);
        this.blocks.remember(path, block);
      }
      return written;
    } catch (error) {
      for (const path of written) rmSync(path, { force: true });
      throw error;
    }
  }

  private replace(written: readonly string[], removed: readonly Block[], journalUpTo: number): void {
    try {
      this.blocks.replace(written, removed, journalUpTo);
    } catch (error) {
      for (const path of written) rmSync(path, { force: true });
      throw error;
    }
  }

  /** Blocks of one day that should be one: all, once the day is over; before, those of about one size. */
  private mergeable(now: Millis): readonly Block[] {
    const days = new Map<number, Block[]>();
    for (const block of this.blocks.inOrder) {
      const day = Math.floor(block.maxTime / DAY);
      if (block.isCold || Math.floor(block.minTime / DAY) !== day) continue;
      const list = days.get(day) ?? [];
      list.push(block);
      days.set(day, list);
    }
    const { lateWindow, flushEvery } = this.options;
    for (const [day, blocks] of days) {
      if (blocks.length < 2) continue;
      if ((day + 1) * DAY + lateWindow + flushEvery < now) return blocks;
      const run = runOfSimilar(blocks);
      if (run.length < MERGE_AT_LEAST) continue;
      // In the order in which they were stored, and nothing between them left out, so that what was stored first stays.
      const places = run.map((block) => blocks.indexOf(block));
      return blocks.slice(Math.min(...places), Math.max(...places) + 1);
    }
    return [];
  }
}

/** The smallest blocks, as long as none is much larger than all before it together. */
function runOfSimilar(blocks: readonly Block[]): Block[] {
  const sorted = [...blocks].sort((a, b) => a.footer.samples - b.footer.samples);
  const run: Block[] = [];
  let total = 0;
  for (const block of sorted) {
    if (run.length > 0 && block.footer.samples > total * MERGE_GROWTH) {
      if (run.length >= MERGE_AT_LEAST) break;
      run.length = 0;
      total = 0;
    }
    run.push(block);
    total += block.footer.samples;
  }
  return run;
}

/** Days (UTC) from one time to another; when they are very many, the first ones are one window. */
function partition(first: Millis, last: Millis): readonly (readonly [Millis, Millis])[] {
  const lastDay = Math.floor(last / DAY);
  const firstDay = Math.floor(first / DAY);
  const windows: (readonly [Millis, Millis])[] = [];
  let day = firstDay;
  if (lastDay - firstDay >= DAYS_LIMIT) {
    day = lastDay - DAYS_LIMIT + 1;
    windows.push([firstDay * DAY, day * DAY]);
  }
  for (; day <= lastDay; day += 1) windows.push([day * DAY, (day + 1) * DAY]);
  return windows;
}
