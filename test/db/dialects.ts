import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type StateStore } from '../../src/io/db/open-store.ts';

/** One kind of database under test: a fresh one that can be opened several times, by several servers. */
interface Dialect {
  readonly name: string;
  fresh(): Database;
}

export interface Database {
  open(): Promise<StateStore>;
  /** What `openStore` is given. */
  readonly path: string;
  remove(): void;
}

export const DIALECTS: readonly Dialect[] = [
  {
    name: 'sqlite',
    fresh: () => {
      const folder = mkdtempSync(join(tmpdir(), 'tocsin-db-'));
      const path = join(folder, 'state.db');
      return { path, open: () => openStore({ path }), remove: () => rmSync(folder, { recursive: true, force: true }) };
    },
  },
];
