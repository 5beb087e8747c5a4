import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Millis } from '../../core/base/time.ts';
import { syncFolder, writeWhole } from './block-list.ts';
import { writeCold } from './cold-file.ts';

/** Where blocks go whose samples are older than `after`. */
export interface ColdRules {
  readonly folder: string;
  readonly after: Millis;
}

const ID_FILE = 'cold-id';
const NAME = /^\d{8}\.block(\.zst)?$/;

/** The part of a cold folder that belongs to one store: its old blocks, mostly compressed. */
export class ColdFolder {
  readonly after: Millis;
  /** The part of the folder that is this store's own, so that several may share it. */
  readonly place: string;
  private readonly folder: string;

  /** `series`: the folder of the store, which remembers its own part of the cold one. */
  constructor({ folder, after }: ColdRules, series: string) {
    this.after = after;
    this.folder = folder;
    const idFile = join(series, ID_FILE);
    if (!existsSync(idFile)) writeWhole(idFile, randomBytes(8).toString('hex'));
    this.place = join(folder, `tocsin-${readFileSync(idFile, 'utf8').trim()}`);
  }

  /** The files that are there, with the names of their blocks. */
  get files(): readonly { readonly path: string; readonly block: string }[] {
    const names = existsSync(this.place) ? readdirSync(this.place).filter((name) => NAME.test(name)) : [];
    return names.map((name) => ({ path: join(this.place, name), block: blockOf(name) }));
  }

  /** Why nothing can be written there; `isUsed`: blocks are there already. Null when it can. */
  whyNot(isUsed: boolean): string | null {
    if (!existsSync(this.folder)) return `the cold folder ${this.folder} is not there`;
    return isUsed && !existsSync(this.place) ? `${this.place} is not there, though it has blocks: is the cold folder mounted?` : null;
  }

  /** Makes a copy, synced and complete; its path. */
  async store(path: string): Promise<string> {
    mkdirSync(this.place, { recursive: true, mode: 0o700 });
    const name = basename(path);
    const fresh = join(this.place, `${name}.new`);
    try {
      const isCompressed = await writeCold(path, fresh);
      const stored = join(this.place, isCompressed ? `${name}.zst` : name);
      renameSync(fresh, stored);
      syncFolder(this.place);
      return stored;
    } catch (error) {
      rmSync(fresh, { force: true });
      throw error;
    }
  }

  /** Removes what a crash left: copies of blocks that still count where they were, and unfinished ones. */
  sweep(here: ReadonlySet<string>): void {
    if (!existsSync(this.place)) return;
    for (const name of readdirSync(this.place)) {
      if (!name.endsWith('.new') && !here.has(blockOf(name))) continue;
      try {
        rmSync(join(this.place, name), { force: true });
      } catch {
        // A folder that is read-only for a while takes room, and nothing else.
      }
    }
  }
}

function blockOf(file: string): string {
  return file.replace(/\.zst$/, '');
}
