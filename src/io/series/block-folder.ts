import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Millis } from '../../core/base/time.ts';
import type { Head } from '../../core/series/head.ts';
import { type Block, openBlock, openColdBlock, openWritten, type WrittenBlock } from './block-file.ts';
import { type BlockList, type BlockRoot, type Listed, readBlockList, writeBlockList } from './block-list.ts';
import type { ColdFolder } from './cold-folder.ts';
import { type Deletion, deletedRefs } from './deletion.ts';

export interface BlockProblem {
  readonly name: string;
  readonly problem: string;
}

const NAME = /^(\d{8})\.block$/;

/**
 * The block files of a store. Which files count is said by a list that is replaced as a whole: a flush or merge becomes true in that one
 * moment, and what a crash left beside it is removed at the next start.
 */
export class BlockFolder {
  readonly folder: string;
  /** What is listed and cannot be served, and why: kept and reported until its time is over. */
  problems: readonly BlockProblem[] = [];
  /** What was wrong with the list of blocks at the start; null when nothing was. */
  listProblem: string | null = null;
  journalUpTo = 0;
  deletions: readonly Deletion[] = [];
  /** Changes with the blocks. */
  revision = 0;
  private readonly head: Head;
  private readonly cold: ColdFolder | null;
  private readonly listed = new Map<string, Listed>();
  private readonly opened = new Map<string, Block>();
  private readonly written = new Map<string, WrittenBlock>();
  /** What waits until nobody reads. */
  private readonly doomed: (() => void)[] = [];
  private holders = 0;
  private number = 0;

  constructor(folder: string, head: Head, cold: ColdFolder | null = null) {
    this.folder = folder;
    this.cold = cold;
    this.head = head;
    mkdirSync(folder, { recursive: true });
    const files = readdirSync(folder)
      .filter((name) => NAME.test(name))
      .sort();
    for (const name of files) this.number = Math.max(this.number, Number(NAME.exec(name)?.[1]));
    const list = readBlockList(folder);
    if (typeof list === 'string') this.adopt(files, list);
    else this.load(list, files);
    this.publish();
  }

  /** The blocks that can be read, the oldest samples first. */
  get blocks(): Block[] {
    return [...this.opened.values()].sort((a, b) => a.minTime - b.minTime || (a.path < b.path ? -1 : 1));
  }

  /** The blocks that can be read in the order in which they were stored: where two have a sample at one time, the first one's counts. */
  get inOrder(): Block[] {
    const orders = new Map(this.blocks.map((block) => [block, Math.min(...this.rootsOf(block).map(([id]) => numberOf(id)))]));
    return [...orders.keys()].sort((a, b) => (orders.get(a) ?? 0) - (orders.get(b) ?? 0) || numberOf(a.name) - numberOf(b.name));
  }

  /** No block has a higher number. */
  get lastNumber(): number {
    return this.number;
  }

  /** Hides what is deleted in the blocks that were there then, unless that is known already. */
  addDeletion(deletion: Deletion, refs: Uint32Array): void {
    this.number = Math.max(this.number, deletion.upToBlock);
    if (this.deletions.some(({ id }) => id === deletion.id)) return;
    this.deletions = [...this.deletions, deletion];
    for (const [name, block] of this.opened) if (isAbout(deletion, name)) block.cut(deletion.id, refs, deletion);
  }

  /** Writes the deletions to the list as well; when that fails the next list has them, and until then the journal. */
  saveDeletions(): void {
    try {
      this.writeList([...this.listed.values()], this.journalUpTo);
    } catch {
      // The journal says it, too, and is not cut before a list was written.
    }
  }

  /** A time at or after that of the newest sample of a series in blocks, none of which is newer than `known`; -infinity when there is none. */
  newestOf(ref: number, known: Millis): Millis {
    let newest = Number.NEGATIVE_INFINITY;
    for (const block of this.opened.values()) newest = Math.max(newest, block.newestOf(ref, known));
    return newest;
  }

  /** A block up to this number that holds deleted samples. */
  withCuts(upTo: number): Block | undefined {
    return this.blocks.find(({ name, cuts }) => cuts.length > 0 && numberOf(name) <= upTo);
  }

  /** The path for a new block. */
  nextPath(): string {
    this.number += 1;
    return join(this.folder, `${String(this.number).padStart(8, '0')}.block`);
  }

  /** What is known of a file that `replace` will make part of the store, which then need not read it. */
  remember(path: string, block: WrittenBlock): void {
    this.written.set(path, block);
  }

  /** Makes written files part of the store in place of others; from then on the journal is needed from behind this segment only. */
  replace(added: readonly string[], removed: readonly Block[], journalUpTo: number): void {
    const fresh: Block[] = [];
    const names = new Set(removed.map((block) => block.name));
    const listed = [...this.listed.values()].filter(({ name }) => !names.has(name));
    const roots = removed.length === 0 ? undefined : removed.flatMap((block) => this.rootsOf(block));
    const kept = removed.flatMap(({ name }) => this.keptUntil(name) ?? []);
    const keptUntil = kept.length === 0 ? undefined : Math.max(...kept);
    try {
      for (const path of added) fresh.push(this.openAdded(path));
      for (const block of fresh) listed.push({ ...listing(block), roots, keptUntil });
      this.writeList(listed, journalUpTo);
    } catch (error) {
      for (const block of fresh) block.close();
      throw error;
    } finally {
      this.written.clear();
    }
    this.journalUpTo = journalUpTo;
    this.listed.clear();
    for (const one of listed) this.listed.set(one.name, one);
    for (const block of fresh) this.opened.set(block.name, block);
    for (const block of removed) this.forget(block);
    this.publish();
  }

  /** The flushes that its samples came with. */
  rootsOf(block: Block): readonly BlockRoot[] {
    const name = block.name;
    return this.listed.get(name)?.roots ?? [[`${name}-${block.footer.indexCrc}`, block.minTime, block.maxTime]];
  }

  /** Removes what is older than the time and is not spared, files that cannot be read included; the number of blocks. */
  expire(before: Millis, spared: ReadonlySet<string>): number {
    const old = [...this.listed.values()].filter(({ name, maxTime }) => maxTime < before && !spared.has(name));
    if (old.length === 0) return 0;
    const names = new Set(old.map(({ name }) => name));
    const list = [...this.listed.values()].filter(({ name }) => !names.has(name));
    try {
      this.writeList(list, this.journalUpTo);
    } catch (error) {
      // A full disk has no room for the new list either. What is over is missed by nobody, and makes the room.
      if (!isFull(error) || this.isHeld) throw error;
      for (const { name } of old) this.removeFile(name);
      this.publish();
      this.writeList(list, this.journalUpTo);
    }
    for (const { name } of old) {
      this.removeFile(name);
      this.listed.delete(name);
    }
    this.problems = this.problems.filter(({ name }) => !names.has(name));
    this.publish();
    return old.length;
  }

  /** Puts a copy of a block, in the cold folder or here again, in its place; from the moment the list says so, that one counts. */
  replaceByCopy(block: Block, path: string, how: Pick<Listed, 'cold' | 'keptUntil'>): void {
    const moved = how.cold === undefined ? openBlock(path, this.head) : openColdBlock(path, this.head);
    if (typeof moved === 'string') throw new Error(`${path}: ${moved}`);
    moved.cutAs(block);
    try {
      this.relist(block.name, how);
    } catch (error) {
      moved.close();
      throw error;
    }
    this.opened.set(moved.name, moved);
    this.publish();
    this.letGo(block);
  }

  /** Changes what the list says of a block. */
  relist(name: string, how: Pick<Listed, 'cold' | 'keptUntil'>): void {
    const list = [...this.listed.values()].map((one) => (one.name === name ? { ...one, ...how } : one));
    this.writeList(list, this.journalUpTo);
    for (const one of list) this.listed.set(one.name, one);
  }

  /** Looks again for blocks whose cold folder was away. */
  lookForCold(): void {
    for (const { name } of this.problems) {
      const one = this.listed.get(name);
      if (one?.cold === undefined || this.openColdListed(one) !== null) continue;
      this.problems = this.problems.filter((problem) => problem.name !== name);
      const block = this.opened.get(name);
      for (const deletion of this.deletions)
        if (isAbout(deletion, name)) block?.cut(deletion.id, deletedRefs(this.head, deletion), deletion);
      this.publish();
    }
  }

  /** All that is in the list, what cannot be read included. */
  get list(): BlockList {
    return { blocks: [...this.listed.values()], journalUpTo: this.journalUpTo, deletions: this.deletions };
  }

  /** Until when a block that was brought back from the cold folder stays; null: it was not. */
  keptUntil(name: string): Millis | null {
    return this.listed.get(name)?.keptUntil ?? null;
  }

  /** From now on blocks that are removed stay readable, until `release` was called as often. */
  hold(): void {
    this.holders += 1;
  }

  release(): void {
    this.holders -= 1;
    if (this.holders > 0) return;
    for (const end of this.doomed) end();
    this.doomed.length = 0;
  }

  /** Ends something as soon as nobody is left who began to read before. */
  whenUnread(end: () => void): void {
    if (this.holders > 0) this.doomed.push(end);
    else end();
  }

  /** Does somebody read, who may read blocks that are removed meanwhile? */
  get isHeld(): boolean {
    return this.holders > 0;
  }

  close(): void {
    for (const block of this.opened.values()) block.close();
  }

  private publish(): void {
    this.revision += 1;
    this.head.useBlocks(this.inOrder);
  }

  private load({ blocks, journalUpTo, deletions = [] }: BlockList, files: readonly string[]): void {
    this.journalUpTo = journalUpTo;
    const there = new Set(files);
    for (const { name } of blocks) this.number = Math.max(this.number, numberOf(name));
    const problems: BlockProblem[] = [];
    for (const one of blocks) {
      this.listed.set(one.name, one);
      const problem = one.cold === undefined ? this.tryOpenThere(one.name, there) : this.tryOpenCold(one, there);
      if (problem !== null) problems.push({ name: one.name, problem });
    }
    this.problems = problems;
    for (const name of files) if (!this.listed.has(name)) rmSync(join(this.folder, name), { force: true });
    for (const name of readdirSync(this.folder)) if (name.endsWith('.block.new')) rmSync(join(this.folder, name), { force: true });
    this.cold?.sweep(new Set([...this.listed.values()].flatMap(({ name, cold }) => (cold === undefined ? [name] : []))));
    for (const deletion of deletions) {
      const refs = deletedRefs(this.head, deletion);
      this.addDeletion(deletion, refs);
      for (const ref of refs) {
        const known = this.head.newestOf(ref);
        if (known <= deletion.to) this.head.settleNewest(ref, this.newestOf(ref, known));
      }
    }
  }

  /** Without a list every file that is whole counts: samples that are in several are the same. */
  private adopt(files: readonly string[], why: string): void {
    // A new folder gets its list before its first block, so that a list that is not there was lost.
    if (files.length > 0) this.listProblem = `${why}: every block that is whole counts`;
    const problems: BlockProblem[] = [];
    for (const name of files) {
      const problem = this.tryOpen(name);
      const block = this.opened.get(name);
      const path = join(this.folder, name);
      this.listed.set(name, block === undefined ? { name, maxTime: statSync(path).mtimeMs, samples: 0 } : listing(block));
      if (problem !== null) problems.push({ name, problem });
    }
    for (const { path, block } of this.cold?.files ?? []) {
      if (this.listed.has(block)) continue;
      this.number = Math.max(this.number, numberOf(block));
      const problem = this.openColdListed({ name: block, maxTime: 0, samples: 0, cold: path });
      const opened = this.opened.get(block);
      if (opened === undefined) problems.push({ name: block, problem: problem ?? 'the file cannot be read' });
      else this.listed.set(block, { ...listing(opened), cold: path });
    }
    this.problems = problems;
    try {
      this.writeList([...this.listed.values()], this.journalUpTo);
    } catch {
      // What cannot be written on a full disk is written with the next block.
    }
  }

  private tryOpenThere(name: string, there: ReadonlySet<string>): string | null {
    return there.has(name) ? this.tryOpen(name) : 'the file is missing';
  }

  /** A crash may have left the file in both places: the cold one counts, unless it cannot be read. */
  private tryOpenCold(one: Listed, there: ReadonlySet<string>): string | null {
    const problem = this.openColdListed(one);
    if (!there.has(one.name)) return problem;
    if (problem === null) rmSync(join(this.folder, one.name), { force: true });
    else if (this.tryOpen(one.name) === null) this.listed.set(one.name, { ...one, cold: undefined });
    else return problem;
    return null;
  }

  private openColdListed({ name, cold = '' }: Listed): string | null {
    const moved = this.cold === null ? cold : join(this.cold.place, basename(cold));
    const path = existsSync(cold) ? cold : moved;
    if (!existsSync(path)) return `${cold} is not there: is the cold folder mounted?`;
    try {
      const block = openColdBlock(path, this.head);
      if (typeof block === 'string') return block;
      this.opened.set(name, block);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private tryOpen(name: string): string | null {
    try {
      this.opened.set(name, this.open(join(this.folder, name)));
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private openAdded(path: string): Block {
    const known = this.written.get(path);
    return known === undefined ? this.open(path) : openWritten(path, known, this.head);
  }

  /** Opens a file as a block, which makes it no part of the store; throws when it is none. */
  open(path: string): Block {
    const block = openBlock(path, this.head);
    if (typeof block === 'string') throw new Error(block);
    return block;
  }

  private removeFile(name: string): void {
    const block = this.opened.get(name);
    if (block !== undefined) this.forget(block);
    else rmSync(this.listed.get(name)?.cold ?? join(this.folder, name), { force: true });
  }

  private forget(block: Block): void {
    this.opened.delete(block.name);
    this.letGo(block);
  }

  private letGo(block: Block): void {
    this.whenUnread(() => remove(block));
  }

  /** Deletions that are about none of the blocks any more are forgotten with it. */
  private writeList(blocks: readonly Listed[], journalUpTo: number): void {
    const deletions = this.deletions.filter((deletion) => blocks.some(({ name }) => this.isOwed(deletion, name)));
    writeBlockList(this.folder, { blocks, journalUpTo, ...(deletions.length > 0 && { deletions }) });
    this.deletions = deletions;
  }

  /** Would what was deleted be seen again if the deletion were forgotten? What cannot be opened now may hold anything. */
  private isOwed(deletion: Deletion, name: string): boolean {
    return isAbout(deletion, name) && (this.opened.get(name)?.cuts.some(({ id }) => id === deletion.id) ?? true);
  }
}

function isAbout({ upToBlock }: Deletion, name: string): boolean {
  return numberOf(name) <= upToBlock;
}

function numberOf(name: string): number {
  return Number(NAME.exec(name)?.[1]);
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

function remove(block: Block): void {
  block.close();
  try {
    rmSync(block.path, { force: true });
  } catch (error) {
    // A cold folder may have become read-only: what is left there goes at the next start.
    if (!block.isCold) throw error;
  }
}

function listing(block: Block): Listed {
  return { name: block.name, maxTime: block.maxTime, samples: block.footer.samples };
}
