import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Millis } from '../../core/base/time.ts';
import { Head } from '../../core/series/head.ts';
import { type Block, openBlock, openColdBlock } from './block-file.ts';
import { BlockFolder } from './block-folder.ts';
import { readBlockList } from './block-list.ts';
import { writeBlock } from './block-writer.ts';
import { deletedRefs } from './deletion.ts';
import { diskSpace } from './disk-room.ts';
import { listSegments } from './journal.ts';
import { pauses } from './pauses.ts';

/** Which samples are brought back, from where, and into the store of which folder; nobody else may use that meanwhile. */
export interface RestoreAsk {
  /** A snapshot, a copy of a data folder or of its `series`, or a store's part of a cold folder. */
  readonly source: string;
  readonly into: string;
  readonly from: Millis;
  readonly to: Millis;
  readonly onBlock: (done: number, total: number) => void;
}

export interface Restored {
  readonly blocks: number;
  readonly samples: number;
  /** Blocks of the source that cannot be read, and why. */
  readonly unreadable: readonly string[];
}

interface Source {
  readonly head: Head;
  readonly blocks: readonly Block[];
  readonly unreadable: readonly string[];
  /** The folder of the store that the blocks are in; null: they are alone. */
  readonly store: string | null;
}

const BLOCK = /^\d{8}\.block(\.zst)?$/;
/** What besides blocks a whole store has. */
const BESIDES = ['tiers', 'extras.bin'];

/** Adds the samples to the store, all of them or none. Never replaces any: where there are samples at the same times it refuses. */
export async function restoreSeries(ask: RestoreAsk): Promise<Restored | { readonly error: string }> {
  const source = openSource(ask.source);
  if (typeof source === 'string') return { error: source };
  try {
    const wanted = source.blocks.filter((block) => block.minTime <= ask.to && block.maxTime >= ask.from);
    return await addBlocks(ask, source, wanted);
  } finally {
    for (const block of source.blocks) block.close();
  }
}

async function addBlocks(ask: RestoreAsk, source: Source, wanted: readonly Block[]): Promise<Restored | { readonly error: string }> {
  const { into, from, to, onBlock } = ask;
  const isNew = !existsSync(join(into, 'blocks'));
  mkdirSync(into, { recursive: true, mode: 0o700 });
  const target = new BlockFolder(join(into, 'blocks'), new Head(randomBytes(4).readInt32LE()));
  const written: string[] = [];
  let samples = 0;
  try {
    const refused = whyNot(into, target, wanted, { from, to });
    if (refused !== null) return { error: refused };
    for (const [index, block] of wanted.entries()) {
      const path = target.nextPath();
      const window = { from: Math.max(from, block.minTime), to: Math.min(to, block.maxTime) + 1 };
      const made = await writeBlock(source.head, { path, parts: [block], ...window }, pauses());
      if (block.damagedChunks > 0) throw new Error(`${block.path}: some of its chunks are damaged`);
      if (made !== null) written.push(path);
      samples += made?.footer.samples ?? 0;
      onBlock(index + 1, wanted.length);
    }
    if (isNew && source.store !== null && wanted.length === source.blocks.length) copyBesides(source.store, into);
    target.replace(written, [], target.journalUpTo);
    return { blocks: written.length, samples, unreadable: source.unreadable };
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    return { error: error instanceof Error ? error.message : String(error) };
  } finally {
    target.close();
  }
}

function whyNot(
  into: string,
  target: BlockFolder,
  wanted: readonly Block[],
  { from, to }: { readonly from: Millis; readonly to: Millis },
): string | null {
  for (const { minTime, maxTime } of wanted) {
    const [first, last] = [Math.max(from, minTime), Math.min(to, maxTime)];
    const there = target.blocks.find((block) => block.minTime <= last && block.maxTime >= first);
    if (there === undefined) continue;
    const [since, until] = [there.minTime, there.maxTime].map((time) => new Date(time).toISOString());
    return `there are samples from ${since} to ${until} already: nothing is overwritten; leave that time out with --from and --to`;
  }
  const free = diskSpace(into)?.free ?? Number.POSITIVE_INFINITY;
  const bytes = wanted.reduce((sum, block) => sum + block.bytes, 0);
  return bytes > free ? `this needs about ${bytes} bytes, and ${free} are free` : null;
}

/** Opens all blocks of a folder for reading, or says what is wrong with it; nothing there is changed. */
function openSource(path: string): Source | string {
  const folder = [join(path, 'blocks'), join(path, 'series/blocks')].find((one) => existsSync(one));
  const head = new Head(randomBytes(4).readInt32LE());
  if (folder === undefined) return openLoose(path, head);
  const list = readBlockList(folder);
  if (typeof list === 'string') return `${folder}: ${list}`;
  const store = dirname(folder);
  const isBehind =
    existsSync(join(store, 'journal')) && listSegments(join(store, 'journal')).some(({ number }) => number > list.journalUpTo);
  if (isBehind)
    return `${store} has samples that are only in its journal: restore a snapshot, or put the folder in place as "series" of a data folder`;
  const opened = openAll(
    list.blocks.map(({ name, cold }) => cold ?? join(folder, name)),
    head,
  );
  for (const deletion of list.deletions ?? []) {
    const refs = deletedRefs(head, deletion);
    for (const block of opened.blocks) if (Number.parseInt(block.name, 10) <= deletion.upToBlock) block.cut(deletion.id, refs, deletion);
  }
  return { head, ...opened, store };
}

/** The files of a store's part of a cold folder. */
function openLoose(path: string, head: Head): Source | string {
  const names = existsSync(path) ? readdirSync(path).filter((name) => BLOCK.test(name)) : [];
  if (names.length === 0) return `${path} has no blocks: give a snapshot, a copy of a data folder, or a folder of blocks`;
  const opened = openAll(
    names.map((name) => join(path, name)),
    head,
  );
  return { head, ...opened, store: null };
}

function openAll(paths: readonly string[], head: Head): Pick<Source, 'blocks' | 'unreadable'> {
  const blocks: Block[] = [];
  const unreadable: string[] = [];
  for (const path of paths) {
    try {
      const block = path.endsWith('.zst') ? openColdBlock(path, head) : openBlock(path, head);
      if (typeof block === 'string') unreadable.push(`${path}: ${block}`);
      else blocks.push(block);
    } catch (error) {
      unreadable.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { blocks: blocks.sort((a, b) => a.minTime - b.minTime), unreadable };
}

function copyBesides(store: string, into: string): void {
  for (const name of BESIDES)
    if (existsSync(join(store, name)) && !existsSync(join(into, name))) cpSync(join(store, name), join(into, name), { recursive: true });
}
