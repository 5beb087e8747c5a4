import { SYSTEM } from '../core/access/actor.ts';
import { NEVER, type Millis } from '../core/base/time.ts';
import type { Message } from '../core/notify/group.ts';
import type { Change, DueKind, Found, Row, TableName, Tables, Write } from '../core/change/change.ts';
import type { Store, World } from '../world.ts';

/** Write the value to the row; committing fails if somebody has written it since it was read. */
export function put<K extends TableName>(row: Row<K>, value: Tables[K]): Write {
  return { op: 'put', row, value } as Write;
}

export function drop(row: Row): Write {
  return { op: 'drop', row };
}

export function wake(kind: DueKind, id: string, at: Millis): Write {
  return { op: 'wake', kind, id, at };
}

export function neverWake(kind: DueKind, id: string): Write {
  return wake(kind, id, NEVER);
}

/**
 * Moves or forgets the moment of a row that stays as it is. The row is part of the commit: when somebody has changed it meanwhile, and with
 * it perhaps its moment, nothing is written and their word counts.
 */
export async function sleepUntil(
  world: Pick<World, 'store' | 'clock'>,
  row: Row,
  moment: { readonly kind: DueKind; readonly at: Millis },
): Promise<void> {
  const keep: Write = row.value === null ? drop(row) : ({ op: 'put', row, value: row.value } as Write);
  const writes = [keep, wake(moment.kind, row.id, moment.at)];
  await world.store.commit({ at: world.clock.now(), who: SYSTEM, why: 'waits', about: [], writes });
}

/** A row nobody has written yet; committing it fails if somebody has. */
export function fresh<K extends TableName>(table: K, id: string): Row<K> {
  return { table, id, version: 0, value: null };
}

export function isFound<K extends TableName>(row: Row<K>): row is Found<K> {
  return row.value !== null;
}

/** A message is owed. Its id is derived from the decision, so deciding twice owes it once. */
export function oweMessage(message: Message, now: Millis): Write[] {
  return [put(fresh('message', message.id), message), wake('message', message.id, now)];
}

const TRIES = 20;

/** A decision taken from freshly loaded rows: what to write and what to answer; null writes means there is nothing to do. */
export interface Decided<T> {
  readonly change: Omit<Change, 'at'> | null;
  readonly answer: T;
}

/**
 * Load, decide, commit; again from the start when somebody else was faster. For facts and commands from outside, which nobody will repeat
 * for us. Throws when it stays contended, so that the caller's caller (an agent, a browser) tries again.
 */
export async function decideAndCommit<T>(world: Pick<World, 'store' | 'clock'>, decide: () => Promise<Decided<T>>): Promise<T> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const { change, answer } = await decide();
    if (change === null) return answer;
    if ((await world.store.commit({ ...change, at: world.clock.now() })) === 'done') return answer;
  }
  throw new Error('too much contention: try again');
}

/** The value of a row that should exist, or null. */
export async function find<K extends TableName>(store: Store, table: K, id: string): Promise<Found<K> | null> {
  const row = await store.load(table, id);
  return isFound(row) ? row : null;
}
