import { assert } from '../../core/base/assert.ts';
import type { Change, Row, TableName, Tables, Write } from '../../core/change/change.ts';
import type { Store } from '../../world.ts';
import { accountReads, keepSessions, keepSetups, keepTokens, keepUsers } from './accounts.ts';
import { adviceReads, keepAdvice } from './advice.ts';
import { alertFinder } from './alert-list.ts';
import { alertReads, keepAlerts } from './alerts.ts';
import { auditLog } from './audit.ts';
import { keepCooldowns } from './cooldowns.ts';
import type { Dialect, Step } from './dialect.ts';
import { dueMoments } from './due.ts';
import { groupReads, keepGroups } from './groups.ts';
import { hostReads, keepHosts } from './hosts.ts';
import { keepMessages, messageReads } from './messages.ts';
import { migrate } from './migrations.ts';
import type { Keeper } from './noun.ts';
import { retention } from './retain.ts';
import { runFinder } from './run-list.ts';
import { keepRuns, runReads } from './runs.ts';
import { secretBoxes, type SecretBoxes } from './secrets.ts';
import { openSqlite } from './sqlite.ts';

export interface StoreOptions {
  /** A file, or `:memory:`. */
  readonly path: string;
  /** 'normal' (when absent) survives the death of the process, 'full' also a power cut. */
  readonly sync?: 'normal' | 'full';
}

/** The state database: what the engine sees of it, and what only the edge needs. */
export interface StateStore extends Store {
  readonly secrets: SecretBoxes;
  /** Tells what each change made through this store was about, after it was committed. Gives the way to stop. */
  onCommit(listener: (about: readonly string[]) => void): () => void;
  /** Commits that are under way are finished first. */
  close(): Promise<void>;
}

/** Throws when the database cannot be opened or was written by a newer version. */
export async function openStore(options: StoreOptions): Promise<StateStore> {
  const dialect = openSqlite({ path: options.path, sync: options.sync ?? 'normal' });
  try {
    await migrate(dialect, options.path);
  } catch (error) {
    await dialect.close();
    throw error;
  }
  return storeOn(dialect);
}

type Keepers = { readonly [K in TableName]: Keeper<K> };

function storeOn(dialect: Dialect): StateStore {
  const keepers: Keepers = {
    alert: keepAlerts(dialect),
    group: keepGroups(dialect),
    message: keepMessages(dialect),
    run: keepRuns(dialect),
    advice: keepAdvice(dialect),
    host: keepHosts(dialect),
    user: keepUsers(dialect),
    session: keepSessions(dialect),
    token: keepTokens(dialect),
    setup: keepSetups(dialect),
    cooldown: keepCooldowns(dialect),
  };
  const moments = dueMoments(dialect);
  const audit = auditLog(dialect);
  const listeners = new Set<(about: readonly string[]) => void>();

  async function commitSteps(about: readonly string[], steps: readonly Step[]): Promise<'done' | 'stale'> {
    if (steps.length === 0) return 'done';
    const result = await dialect.apply(steps);
    if (result === 'done' && about.length > 0) for (const listener of listeners) listener(about);
    return result;
  }

  return {
    load: (table, id) => keepers[table].load(id),
    loadAll: (table, ids) => keepers[table].loadAll(ids),
    commit: async (change) => {
      const { at, who, also = [] } = change;
      const notes = [change, ...also].filter(({ about }) => about.length > 0);
      const lines = notes.flatMap(({ why, about }) => audit.note({ at, who, why, about }));
      const about = [...new Set(notes.flatMap((note) => note.about))];
      return commitSteps(about, [...writeSteps(keepers, moments.wake, change), ...lines]);
    },
    due: moments.due,
    nextDue: moments.nextDue,
    agenda: moments.agenda,
    ...alertReads(dialect, keepers.alert),
    ...runReads(dialect, keepers.run),
    ...groupReads(dialect, keepers.group),
    ...adviceReads(dialect, keepers.advice),
    ...messageReads(dialect),
    ...hostReads(dialect, keepers.host),
    ...accountReads(dialect, keepers),
    findAlerts: alertFinder(dialect),
    findRuns: runFinder(dialect),
    findAudit: audit.findAudit,
    retain: retention(dialect, keepers),
    secrets: secretBoxes(dialect, audit, commitSteps),
    onCommit: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => dialect.close(),
  };
}

/** What leaves the unique keys comes before what may take them: an alert that ends before the one that follows it. */
function writeSteps(keepers: Keepers, wake: ReturnType<typeof dueMoments>['wake'], change: Change): readonly Step[] {
  const seen = new Set<string>();
  const leaving: Step[] = [];
  const staying: Step[] = [];
  for (const write of change.writes) {
    if (write.op === 'wake') {
      staying.push(wake(write));
      continue;
    }
    const key = `${write.row.table}/${write.row.id}`;
    assert(!seen.has(key), `one change writes ${key} twice`);
    seen.add(key);
    if (write.op === 'drop') leaving.push(...dropSteps(keepers, write.row));
    else (ends(write) ? leaving : staying).push(...putSteps(keepers, write.row, write.value));
  }
  return [...leaving, ...staying];
}

function ends(write: Write): boolean {
  return write.op === 'put' && write.row.table === 'alert' && 'state' in write.value && write.value.state === 'resolved';
}

function putSteps<K extends TableName>(keepers: Keepers, row: Row<K>, value: Tables[K]): readonly Step[] {
  const keeper: Keeper<K> = keepers[row.table];
  return keeper.put(row, value);
}

function dropSteps<K extends TableName>(keepers: Keepers, row: Row<K>): readonly Step[] {
  const keeper: Keeper<K> = keepers[row.table];
  return keeper.drop(row);
}
