import type { Millis } from '../../core/base/time.ts';
import { type Audit, type Note } from './audit.ts';
import { millisColumn } from './column.ts';
import { type Dialect, step } from './dialect.ts';

export interface SecretName {
  readonly name: string;
  readonly createdAt: Millis;
  readonly updatedAt: Millis;
}

/** Where encrypted values are kept. What a box holds, and under which key, is not known here. */
export interface SecretBoxes {
  loadBox(name: string): Promise<string | null>;
  /** Keeps when it was first made. */
  putBox(name: string, box: string, note: Note): Promise<void>;
  /** False when there is none. */
  removeBox(name: string, note: Note): Promise<boolean>;
  listBoxes(): Promise<readonly SecretName[]>;
}

export function secretBoxes(
  dialect: Dialect,
  audit: Audit,
  commit: (about: readonly string[], steps: Parameters<Dialect['apply']>[0]) => Promise<'done' | 'stale'>,
): SecretBoxes {
  const { build } = dialect;
  const one = build.selectFrom('secret').select('box').where('name', '=', '').compile();
  const names = build.selectFrom('secret').select(['name', 'created_at', 'updated_at']).orderBy('name').compile();
  return {
    loadBox: async (name) => (await dialect.rows(one, [name]))[0]?.box ?? null,
    putBox: async (name, box, note) => {
      const at = millisColumn(note.at);
      const write = build
        .insertInto('secret')
        .values({ name, box, created_at: at, updated_at: at })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ box, updated_at: at }));
      await commit(note.about, [step(write), ...audit.note(note)]);
    },
    removeBox: async (name, note) => {
      const remove = step(build.deleteFrom('secret').where('name', '=', name), 1);
      return (await commit(note.about, [remove, ...audit.note(note)])) === 'done';
    },
    listBoxes: async () =>
      (await dialect.rows(names)).map((row) => ({ name: row.name, createdAt: row.created_at, updatedAt: row.updated_at })),
  };
}
