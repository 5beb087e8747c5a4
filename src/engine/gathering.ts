import { SYSTEM } from '../core/access/actor.ts';
import type { Millis } from '../core/base/time.ts';
import type { Change, Row, TableName, Write } from '../core/change/change.ts';
import type { Store } from '../world.ts';

/**
 * Several decisions become one change. Each is taken in view of what those before it will write: through `store`, which shows the groups
 * as they will be. Any other row may be written by one decision only.
 */
export class Gathering {
  readonly store: Store;
  readonly #rows = new Map<string, Write>();
  readonly #wakes = new Map<string, Write>();
  readonly #notes: { readonly why: string; readonly about: readonly string[] }[] = [];

  constructor(store: Store) {
    this.store = {
      ...store,
      load: async (table, id) => this.#written(table, id) ?? (await store.load(table, id)),
      groupTimes: async (alert) => (await store.groupTimes(alert)).map((group) => this.#written('group', group.id)?.value ?? group),
    };
  }

  add({ why, about, writes }: Pick<Change, 'why' | 'about' | 'writes'>): void {
    for (const write of writes) {
      if (write.op === 'wake') this.#wakes.set(`${write.kind}/${write.id}`, write);
      else this.#put(write);
    }
    if (about.length > 0) this.#notes.push({ why, about });
  }

  /** What all of them come to; null: nothing. */
  change(at: Millis): Change | null {
    const writes = [...this.#rows.values(), ...this.#wakes.values()];
    if (writes.length === 0) return null;
    return { at, who: SYSTEM, why: 'together', about: [], writes, also: this.#notes };
  }

  /** The row as it stands in the database stays what the write is held against. */
  #put(write: Exclude<Write, { op: 'wake' }>): void {
    const key = `${write.row.table}/${write.row.id}`;
    const before = this.#rows.get(key);
    const row = before === undefined || before.op === 'wake' ? write.row : before.row;
    this.#rows.set(key, { ...write, row } as Write);
  }

  #written<K extends TableName>(table: K, id: string): Row<K> | null {
    const write = this.#rows.get(`${table}/${id}`);
    if (write === undefined || write.op !== 'put') return null;
    return { ...write.row, value: write.value } as Row<K>;
  }
}
