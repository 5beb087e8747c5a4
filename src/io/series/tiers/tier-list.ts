import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Millis } from '../../../core/base/time.ts';
import type { Deletion } from '../deletion.ts';

/** A day (since 1970, UTC) that is in a tier, and the version of what is there; `of`: what it was made of. */
export interface TierDay {
  readonly day: number;
  readonly version: string;
  readonly of: readonly string[];
}

/** The files of one tier, and the days that are in them. A day without a file had no samples. */
export interface TierContents {
  readonly files: readonly { readonly name: string; readonly from: Millis; readonly to: Millis }[];
  readonly days: readonly TierDay[];
  /** What was before is deleted, and not made again. */
  readonly from?: Millis | undefined;
}

/** What counts of a folder of tiers. */
export interface TierList {
  /** Samples before this were deleted: what is kept of them is no longer all there was. */
  readonly samplesFrom: Millis;
  /** The last number that was given to a file or version. */
  readonly number: number;
  /** By name: `5m`, `1h`. */
  readonly tiers: Readonly<Record<string, TierContents>>;
  /** What is deleted, though a file still holds it. */
  readonly deletions?: readonly TierDeletion[] | undefined;
  /** The last deletions that were taken note of, done or not: replay names some of them again. */
  readonly known?: readonly string[];
}

/** A deletion that is about the files up to a number. */
export interface TierDeletion {
  readonly deletion: Deletion;
  readonly upTo: number;
}

/** The list of a new folder. */
export const NO_TIERS: TierList = { samplesFrom: 0, number: 0, tiers: {} };

/** Reads the list; null when it is missing or damaged. */
export function readTierList(path: string): TierList | null {
  if (!existsSync(path)) return null;
  try {
    const list = JSON.parse(readFileSync(path, 'utf8')) as TierList;
    const isList = Number.isFinite(list.samplesFrom) && Number.isInteger(list.number) && typeof list.tiers === 'object';
    return isList ? list : null;
  } catch {
    return null;
  }
}

/** Replaces the list as a whole. */
export function writeTierList(path: string, list: TierList): void {
  const bytes = Buffer.from(JSON.stringify(list));
  const fd = openSync(`${path}.new`, 'w', 0o600);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}
