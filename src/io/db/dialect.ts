import type { Compilable, CompiledQuery, Kysely, RawBuilder } from 'kysely';
import type { Schema } from './schema.ts';

/** Stands in a step's parameters for the id that the latest step with `keepsId` was given. */
export const KEPT_ID: unique symbol = Symbol('the id kept by an earlier step');

export type Value = string | number | null;

/** One statement of a transaction, as plain data. */
export interface Step {
  readonly sql: string;
  readonly parameters: readonly (Value | typeof KEPT_ID)[];
  /** How many rows it must touch; anything else makes the whole transaction stale. Absent: any number. */
  readonly expect?: 0 | 1;
  readonly keepsId?: true;
}

/**
 * What a database has to bring. Statements are built with `build`, which never runs anything; a transaction is a list of steps, so
 * nothing can get in between them.
 */
export interface Dialect {
  readonly build: Kysely<Schema>;
  /** The type of a 64-bit key that the database gives out, ascending. */
  readonly autoId: string;
  /** What ends a `create table` whose rows live in the index of its primary key. */
  readonly keyedTable: string;
  /** A built statement, or one that was compiled once, with the values for its placeholders in their order. */
  rows<T extends object>(query: Compilable<T> | CompiledQuery<T>, values?: readonly Value[]): Promise<readonly T[]>;
  /** All steps or none. 'stale': an expectation was not met or a unique key was taken, nothing was written. Calls may share a transaction. */
  apply(steps: readonly Step[]): Promise<'done' | 'stale'>;
  /** Whether a text column contains a text, letter by letter. */
  contains(column: RawBuilder<string>, text: string): RawBuilder<boolean>;
  close(): Promise<void>;
}

/** A built statement as a step. */
export function step(query: Compilable, expect?: 0 | 1): Step {
  return toStep(query.compile(), expect);
}

/** A statement in SQL that every dialect reads, as a step. */
export function rawStep(dialect: Dialect, statement: RawBuilder<unknown>, expect?: 0 | 1): Step {
  return toStep(statement.compile(dialect.build), expect);
}

function toStep(query: CompiledQuery, expect: 0 | 1 | undefined): Step {
  const { sql, parameters } = query;
  return expect === undefined ? { sql, parameters: parameters.map(toValue) } : { sql, parameters: parameters.map(toValue), expect };
}

export function toValue(parameter: unknown): Value {
  if (typeof parameter === 'string' || typeof parameter === 'number' || parameter === null) return parameter;
  throw new TypeError(`a statement has a parameter that is a ${typeof parameter}`);
}

/** Keys in one statement at most; fewer are padded to a power of two, so that few statements have to be kept. */
const KEYS = 256;

/** Reads rows by many keys. `statement` makes the query for a list of keys, whose only placeholders they are. */
export function readByKeys<T extends object>(
  dialect: Dialect,
  statement: (keys: readonly string[]) => Compilable<T>,
): (keys: readonly string[]) => Promise<readonly T[]> {
  const compiled = new Map<number, CompiledQuery<T>>();
  async function read(keys: readonly string[]): Promise<readonly T[]> {
    const padded = [...keys];
    const last = keys.at(-1);
    if (last === undefined) return [];
    while ((padded.length & (padded.length - 1)) !== 0) padded.push(last);
    const known = compiled.get(padded.length) ?? statement(padded).compile();
    compiled.set(padded.length, known);
    return dialect.rows(known, padded);
  }
  return async (keys) => {
    if (keys.length <= KEYS) return read(keys);
    const unique = [...new Set(keys)];
    const found: T[] = [];
    for (let at = 0; at < unique.length; at += KEYS) found.push(...(await read(unique.slice(at, at + KEYS))));
    return found;
  };
}
