import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Millis } from '../../core/base/time.ts';
import type { Deletion } from './deletion.ts';

/** What the list says of one block file. */
export interface Listed {
  readonly name: string;
  readonly maxTime: Millis;
  readonly samples: number;
  /** Where the file is when it is in a cold folder. */
  readonly cold?: string | undefined;
  /** It was brought back from there: until this moment it stays here, however old its samples are. */
  readonly keptUntil?: Millis | undefined;
  /** The blocks of flushes whose samples it holds; absent: it is one itself. */
  readonly roots?: readonly BlockRoot[] | undefined;
}

/** A block as a flush wrote it: whatever it was merged into since, its samples are the same. */
export type BlockRoot = readonly [id: string, minTime: Millis, maxTime: Millis];

/** Which block files of a folder count. */
export interface BlockList {
  readonly blocks: readonly Listed[];
  /** Everything in the journal up to this segment is in the blocks. */
  readonly journalUpTo: number;
  /** What is deleted, though a block still holds it. */
  readonly deletions?: readonly Deletion[];
}

const LIST = 'blocks.json';

/** The list of a folder, or what is wrong with it. */
export function readBlockList(folder: string): BlockList | string {
  const path = join(folder, LIST);
  if (!existsSync(path)) return 'the list of blocks was missing';
  try {
    const list = JSON.parse(readFileSync(path, 'utf8')) as BlockList;
    return Array.isArray(list.blocks) && Number.isInteger(list.journalUpTo) ? list : 'the list of blocks was damaged';
  } catch {
    return 'the list of blocks was damaged';
  }
}

/** Replaces the list as a whole; it is on the medium when this returns. */
export function writeBlockList(folder: string, list: BlockList): void {
  writeWhole(join(folder, LIST), JSON.stringify(list));
  syncFolder(folder);
}

/** Replaces a file as a whole; its content is on the medium when this returns, its name once the folder is synced. */
export function writeWhole(path: string, text: string): void {
  const bytes = Buffer.from(text);
  const fd = openSync(`${path}.new`, 'w', 0o600);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
}

/** Brings the names in a folder to the medium. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
