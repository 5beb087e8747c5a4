import {
  type Compilable,
  type CompiledQuery,
  DummyDriver,
  Kysely,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { type Dialect, KEPT_ID, type Step, toValue, type Value } from './dialect.ts';
import type { Schema } from './schema.ts';

export interface SqliteOptions {
  /** A file, or `:memory:`. */
  readonly path: string;
  /** 'normal' survives the death of the process, 'full' also a power cut. */
  readonly sync: 'normal' | 'full';
}

/** How long another process may hold the file before a statement fails. */
const BUSY_TIMEOUT_MS = 10_000;
const CACHE_KIB = 32 * 1024;
/** Pages the journal holds before they are moved to the file: a page written often in between is moved once. */
const JOURNAL_PAGES = 4_000;
/** Prepared statements that are kept; the least recently used goes. */
const STATEMENTS = 400;
/** Changes that share one transaction at most, so that the loop is not held up. */
const GROUP = 256;

interface Waiting {
  readonly steps: readonly Step[];
  readonly resolve: (result: 'done' | 'stale') => void;
  readonly reject: (error: unknown) => void;
}

/** The state database in one file. Everything that only SQLite knows is here. */
export function openSqlite(options: SqliteOptions): Dialect {
  // Password hashes are for the owner's eyes; the journal gets the mode of the file.
  if (options.path !== ':memory:') closeSync(openSync(options.path, 'a', 0o600));
  const db = new DatabaseSync(options.path, { enableForeignKeyConstraints: true, timeout: BUSY_TIMEOUT_MS });
  db.exec(`pragma journal_mode = wal; pragma synchronous = ${options.sync}; pragma cache_size = -${CACHE_KIB}; pragma temp_store = memory;
    pragma wal_autocheckpoint = ${JOURNAL_PAGES}; pragma journal_size_limit = ${JOURNAL_PAGES * 4_096}`);
  const statement = statementCache(db);
  const changes = changeQueue(db, statement);
  return {
    build: new Kysely<Schema>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (kysely) => new SqliteIntrospector(kysely),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    }),
    autoId: 'integer',
    keyedTable: 'without rowid',
    rows: async <T extends object>(query: Compilable<T> | CompiledQuery<T>, values?: readonly Value[]) => {
      const { sql: text, parameters } = 'compile' in query ? query.compile() : query;
      const rows: readonly Record<string, SQLOutputValue>[] = statement(text).all(...(values ?? parameters.map(toValue)));
      return rows as readonly T[];
    },
    contains: (column, text) => sql<boolean>`instr(${column}, ${text}) > 0`,
    apply: changes.apply,
    close: async () => {
      changes.finish();
      db.close();
    },
  };
}

/**
 * Transactions that begin in the same turn of the loop become one, each behind a savepoint: the journal is written once for all of them.
 * Everything between its begin and its commit happens without giving way, so nothing else can get in between.
 */
function changeQueue(db: DatabaseSync, statement: (text: string) => StatementSync): { readonly apply: Dialect['apply']; finish(): void } {
  const transaction = {
    begin: db.prepare('begin immediate'),
    commit: db.prepare('commit'),
    rollback: db.prepare('rollback'),
    save: db.prepare('savepoint change'),
    release: db.prepare('release change'),
    undo: db.prepare('rollback to change'),
  };

  function perform(steps: readonly Step[]): 'done' | 'stale' {
    let kept = 0;
    for (const { sql: text, parameters, expect, keepsId } of steps) {
      const bound: SQLInputValue[] = [];
      for (const value of parameters) bound.push(value === KEPT_ID ? kept : value);
      const result = statement(text).run(...bound);
      if (expect !== undefined && result.changes !== expect) return 'stale';
      if (keepsId === true) kept = Number(result.lastInsertRowid);
    }
    return 'done';
  }

  /** One of several changes in a transaction: what it wrote goes when it is stale or fails, the others stay. */
  function performApart(steps: readonly Step[]): 'done' | 'stale' | { readonly error: unknown } {
    transaction.save.run();
    let result: ReturnType<typeof performApart>;
    try {
      result = perform(steps);
    } catch (error) {
      result = isConflict(error) ? 'stale' : { error };
    }
    // Some failures (disk full, I/O) end the whole transaction by themselves; then there is no savepoint, and nothing can be kept.
    if (!db.isTransaction) throw typeof result === 'object' ? result.error : new Error('the transaction ended early');
    if (result !== 'done') transaction.undo.run();
    transaction.release.run();
    return result;
  }

  function performTogether(group: readonly Waiting[]): void {
    let results: ReturnType<typeof performApart>[];
    try {
      transaction.begin.run();
      results = group.map((one) => performApart(one.steps));
      transaction.commit.run();
    } catch (error) {
      if (db.isTransaction) transaction.rollback.run();
      for (const one of group) one.reject(error);
      return;
    }
    for (const [index, one] of group.entries()) {
      const result = results[index];
      if (typeof result === 'string') one.resolve(result);
      else one.reject(result?.error);
    }
  }

  let waiting: Waiting[] = [];
  function flush(): void {
    const group = waiting.splice(0, GROUP);
    if (waiting.length > 0) setImmediate(flush);
    if (group.length > 0) performTogether(group);
  }

  return {
    apply: (steps) =>
      new Promise((resolve, reject) => {
        waiting.push({ steps, resolve, reject });
        if (waiting.length === 1) setImmediate(flush);
      }),
    finish: () => {
      while (waiting.length > 0) flush();
    },
  };
}

/** Statements by their text, prepared once. */
function statementCache(db: DatabaseSync): (text: string) => StatementSync {
  const kept = new Map<string, StatementSync>();
  return (text) => {
    const found = kept.get(text);
    if (found !== undefined) return found;
    const oldest = kept.keys().next();
    if (kept.size >= STATEMENTS && oldest.done === false) kept.delete(oldest.value);
    const prepared = db.prepare(text);
    kept.set(text, prepared);
    return prepared;
  };
}

const CONSTRAINT_UNIQUE = 2067;
const CONSTRAINT_PRIMARYKEY = 1555;

function isConflict(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (error.errcode === CONSTRAINT_UNIQUE || error.errcode === CONSTRAINT_PRIMARYKEY);
}
