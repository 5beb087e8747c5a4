import { sql, type RawBuilder } from 'kysely';
import { assert } from '../../core/base/assert.ts';
import type { Found, Row, TableName, Tables } from '../../core/change/change.ts';
import { type Dialect, rawStep, readByKeys, type Step, type Value } from './dialect.ts';
import type { Schema } from './schema.ts';

/** A table row without its version. The order of the keys is the same for every value of a noun. */
export type Columns<K extends TableName> = Omit<Schema[K], 'version'>;

/** How one kind of record stands in its table. */
export interface Noun<K extends TableName> {
  readonly table: K;
  encode(value: Tables[K]): Readonly<Record<string, Value>> & { readonly id: string };
  /** In the order of the rows. May read what is linked; the versioned row was read before, so whatever changes in between ends as stale. */
  decodeAll(rows: readonly Schema[K][]): Promise<readonly Tables[K][]>;
  /** What else is written with it: rows of link tables. `before` is the value as it was loaded. */
  links?(before: Tables[K] | null, after: Tables[K] | null, id: string): readonly Step[];
  /**
   * Columns that an update need not write again; absent: those that are encoded alike. An insert needs them all, and has no value before
   * it.
   */
  unchanged?(before: Tables[K], after: Tables[K]): readonly string[];
}

/** Loading and committing one kind of record. */
export interface Keeper<K extends TableName> {
  load(id: string): Promise<Row<K>>;
  loadAll(ids: readonly string[]): Promise<readonly Found<K>[]>;
  /** Rows of the table, read by any other statement, as records. */
  found(rows: readonly Schema[K][]): Promise<readonly Found<K>[]>;
  put(row: Row<K>, value: Tables[K]): readonly Step[];
  drop(row: Row<K>): readonly Step[];
}

export function keep<K extends TableName>(dialect: Dialect, noun: Noun<K>): Keeper<K> {
  const { table } = noun;
  const byKeys = readByKeys<Schema[K]>(dialect, (keys) => ({
    compile: () => sql<Schema[K]>`select * from ${sql.table(table)} where id in (${sql.join(keys)})`.compile(dialect.build),
  }));
  const textOf = statementTexts(dialect, table);

  async function found(rows: readonly Schema[K][]): Promise<readonly Found<K>[]> {
    const values = await noun.decodeAll(rows);
    return rows.flatMap((row, index) => {
      const value = values[index];
      return value === undefined ? [] : [{ table, id: row.id, version: row.version, value }];
    });
  }

  return {
    load: async (id) => (await found(await byKeys([id])))[0] ?? { table, id, version: 0, value: null },
    loadAll: async (ids) => found(await byKeys(ids)),
    found,
    put: (row, value) => {
      const { id, ...columns } = noun.encode(value);
      assert(row.version === 0 || row.value !== null, `a row of ${table} has a version and no value`);
      if (id !== row.id) throw new Error(`the ${table} ${id} is not the row ${row.id}`);
      const links = noun.links?.(row.value, value, id) ?? [];
      const same = row.value === null ? [] : (noun.unchanged?.(row.value, value) ?? equalColumns(noun.encode(row.value), columns));
      const names: string[] = [];
      const values: Value[] = [];
      for (const [column, written] of Object.entries(columns)) {
        if (same.includes(column)) continue;
        names.push(column);
        values.push(written);
      }
      return row.version === 0
        ? [{ sql: textOf('insert', names), parameters: [id, ...values], expect: 1 }, ...links]
        : [{ sql: textOf('update', names), parameters: [...values, id, row.version], expect: 1 }, ...links];
    },
    drop: (row) => {
      const { id, version } = row;
      // Nothing was there: it still has to be so.
      if (version === 0) return [rawStep(dialect, sql`update ${sql.table(table)} set version = version where id = ${id}`, 0)];
      return [
        rawStep(dialect, sql`delete from ${sql.table(table)} where id = ${id} and version = ${version}`, 1),
        rawStep(dialect, sql`update dropped set version = ${version} where version < ${version}`),
        ...(noun.links?.(row.value, null, id) ?? []),
      ];
    },
  };
}

/** An index is written anew for each of its columns that an update names, whether its value changed or not. */
function equalColumns(before: Readonly<Record<string, Value>>, after: Readonly<Record<string, Value>>): readonly string[] {
  return Object.keys(after).filter((column) => Object.is(before[column], after[column]));
}

/** The texts of a table's inserts and updates, each made once for a set of columns. */
function statementTexts(dialect: Dialect, table: TableName): (kind: 'insert' | 'update', columns: readonly string[]) => string {
  const name = sql.table(table);
  const known = new Map<string, string>();
  const make = (kind: 'insert' | 'update', columns: readonly string[]): RawBuilder<unknown> => {
    if (kind === 'insert') {
      const names = sql.join(['id', ...columns, 'version'].map((column) => sql.ref(column)));
      const values = sql.join(['id', ...columns]);
      // Above the version of everything that was dropped, so that a row made again is never taken for the old one.
      return sql`insert into ${name} (${names}) values (${values}, (select version + 1 from dropped)) on conflict do nothing`;
    }
    const assignments = sql.join([...columns.map((column) => sql`${sql.ref(column)} = ${column}`), sql`version = version + 1`]);
    return sql`update ${name} set ${assignments} where id = ${''} and version = ${0}`;
  };
  return (kind, columns) => {
    const key = `${kind} ${columns.join()}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const text = make(kind, columns).compile(dialect.build).sql;
    known.set(key, text);
    return text;
  };
}
