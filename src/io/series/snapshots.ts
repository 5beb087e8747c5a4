import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Millis } from '../../core/base/time.ts';
import { type BlockList, type Listed, syncFolder, writeBlockList, writeWhole } from './block-list.ts';
import { DAMAGED, writeWarm } from './cold-file.ts';

/** A copy of the blocks as they were at one moment, in a folder that can be opened as a store. */
export interface Snapshot {
  readonly name: string;
  readonly at: Millis;
  readonly blocks: number;
  readonly samples: number;
  /** What its blocks occupy, together with the store as long as that has them, too. */
  readonly bytes: number;
  readonly from: Millis | null;
  readonly to: Millis | null;
  /** Blocks that are not in it, because they are in the cold folder or cannot be read. */
  readonly leftOut: number;
  /** Where the cold ones of them are; null or absent: there are none. */
  readonly coldPlace?: string | null;
}

/** What of the store goes into a snapshot: blocks, what is in memory as well, and blocks in the cold folder as well. */
export type SnapshotScope = 'blocks' | 'all' | 'cold too';

/** What a snapshot is made of. */
export interface SnapshotContent {
  readonly blocks: readonly { readonly path: string; readonly name: string }[];
  /** Blocks in the cold folder that are to be in it, as if they were not cold. */
  readonly cold: readonly ColdContent[];
  readonly list: BlockList;
  readonly figures: Omit<Snapshot, 'name' | 'at'>;
}

interface ColdContent {
  readonly path: string;
  readonly name: string;
  readonly listed: Listed;
  readonly from: Millis;
  readonly to: Millis;
  /** What it occupies when it is not compressed. */
  readonly bytes: number;
}

const FOLDER = 'snapshots';
const ABOUT = 'snapshot.json';
const TIERS = 'tiers';
/** Exemplars and metadata. */
const BESIDES = ['extras.bin'];
/** What is not complete, or being removed. */
const UNFINISHED = /\.(new|gone)$/;
const SNAPSHOT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;
const LIMIT = 100;

/** `20260131T081500Z-2be650b6d019eb54`, as Prometheus names them. */
export function snapshotName(at: Millis): string {
  return `${new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(8).toString('hex')}`;
}

/** Begins a snapshot out of hard links, so that it takes no time and no space. Null, or why there is none. */
export function linkSnapshot(folder: string, name: string, content: SnapshotContent): string | null {
  const all = join(folder, FOLDER);
  const place = join(all, `${name}.new`);
  try {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(join(place, 'blocks'), { recursive: true, mode: 0o700 });
    for (const block of content.blocks) linkOrCopy(block.path, join(place, 'blocks', block.name));
    for (const name of BESIDES) if (existsSync(join(folder, name))) linkOrCopy(join(folder, name), join(place, name));
    linkFolder(join(folder, TIERS), join(place, TIERS));
    return null;
  } catch (error) {
    rmSync(place, { recursive: true, force: true });
    return error instanceof Error ? error.message : String(error);
  }
}

/** Copies what is cold and completes the snapshot: it is whole, or not there. Null when it is, else why not. */
export async function finishSnapshot(
  folder: string,
  { name, at }: Pick<Snapshot, 'name' | 'at'>,
  { cold, ...content }: SnapshotContent,
): Promise<string | null> {
  const all = join(folder, FOLDER);
  const place = join(all, `${name}.new`);
  let { list, figures } = content;
  try {
    for (const block of cold) {
      const path = join(place, 'blocks', block.name);
      try {
        await writeWarm(block.path, path);
      } catch (error) {
        // What cannot be read is left out; what cannot be written is the end of it.
        if (!(error instanceof Error) || !error.message.startsWith(DAMAGED)) throw error;
        rmSync(path, { force: true });
        continue;
      }
      list = { ...list, blocks: [...list.blocks, { ...block.listed, cold: undefined }] };
      figures = withBlock(figures, block);
    }
    writeWhole(join(place, ABOUT), JSON.stringify({ name, at, ...figures }));
    writeBlockList(join(place, 'blocks'), list);
    syncFolder(place);
    renameSync(place, join(all, name));
    syncFolder(all);
    return null;
  } catch (error) {
    rmSync(place, { recursive: true, force: true });
    return error instanceof Error ? error.message : String(error);
  }
}

function withBlock(figures: SnapshotContent['figures'], { from, to, bytes, listed }: ColdContent): SnapshotContent['figures'] {
  return {
    ...figures,
    blocks: figures.blocks + 1,
    samples: figures.samples + listed.samples,
    bytes: figures.bytes + bytes,
    from: Math.min(figures.from ?? from, from),
    to: Math.max(figures.to ?? to, to),
    leftOut: figures.leftOut - 1,
  };
}

/** Why there can be no snapshot of this name; null when there can. */
export async function whyNoSnapshot(folder: string, name: string): Promise<string | null> {
  if (!SNAPSHOT_NAME.test(name)) return 'a name has letters, digits, - and _ only, 100 at most';
  const there = await listSnapshots(folder);
  if (there.some((one) => one.name === name)) return `there is a snapshot ${name} already`;
  return there.length < LIMIT ? null : `there are ${LIMIT} snapshots already: remove one`;
}

/** The oldest first. */
export async function listSnapshots(folder: string): Promise<Snapshot[]> {
  const names = await readdir(join(folder, FOLDER)).catch(() => []);
  const found: Snapshot[] = [];
  for (const name of names) {
    if (!SNAPSHOT_NAME.test(name)) continue;
    const text = await readFile(join(folder, FOLDER, name, ABOUT), 'utf8').catch(() => null);
    if (text !== null) found.push({ ...(JSON.parse(text) as Snapshot), name });
  }
  return found.sort((a, b) => a.at - b.at);
}

/** Whether there was one. */
export async function removeSnapshot(folder: string, name: string): Promise<boolean> {
  if (!SNAPSHOT_NAME.test(name)) return false;
  const gone = join(folder, FOLDER, `${name}.gone`);
  try {
    await rename(join(folder, FOLDER, name), gone);
  } catch {
    return false;
  }
  await rm(gone, { recursive: true, force: true });
  return true;
}

/** Removes what a crash left of snapshots that were being made or removed. */
export function sweepSnapshots(folder: string): void {
  const all = join(folder, FOLDER);
  for (const name of filesOf(all)) if (UNFINISHED.test(name)) rmSync(join(all, name), { recursive: true, force: true });
}

/** None where there is no such folder. */
function filesOf(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Files that are only ever replaced as a whole. */
function linkFolder(from: string, to: string): void {
  const names = filesOf(from).filter((name) => !UNFINISHED.test(name));
  if (names.length > 0) mkdirSync(to, { mode: 0o700 });
  for (const name of names) linkOrCopy(join(from, name), join(to, name));
  if (names.length > 0) syncFolder(to);
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    // Some file systems know no links.
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EMLINK' && code !== 'EXDEV') throw error;
    copyFileSync(from, to);
  }
}
