import { type Alert, alertHost, alertLabels } from '../../src/core/alerts/alert.ts';
import type { AlertFilter } from '../../src/core/alerts/alert-filter.ts';
import { formatActor } from '../../src/core/access/actor.ts';
import type { RunFilter } from '../../src/core/actions/run-filter.ts';
import { isFinal, type Run } from '../../src/core/actions/run.ts';
import { NEVER } from '../../src/core/base/time.ts';
import type { Message } from '../../src/core/notify/group.ts';
import { compileMatcher } from '../../src/core/promql/matcher.ts';
import type { Advice } from '../../src/core/recommendations/recommendation.ts';
import type { AuditEntry, Change, Due, TableName, Tables } from '../../src/core/change/change.ts';

interface Kept {
  readonly table: TableName;
  readonly value: Tables[TableName];
  /** Unique over all rows and times. */
  readonly stamp: number;
}

/** What was seen of a row: null when there was none. */
export type Seen = number | null;

/** The state database as simple as it can be said: maps, loops and copies. */
export class Model {
  #rows = new Map<string, Kept>();
  #due = new Map<string, Due>();
  #audit: AuditEntry[] = [];
  #stamp = 0;

  seen(table: TableName, id: string): Seen {
    return this.#rows.get(`${table}/${id}`)?.stamp ?? null;
  }

  value<K extends TableName>(table: K, id: string): Tables[K] | null {
    return this.all(table).find((value) => keyOf(table, value) === id) ?? null;
  }

  all<K extends TableName>(table: K): Tables[K][] {
    return [...this.#rows.values()].flatMap((row) => (isOf(row, table) ? [row.value] : []));
  }

  /** `seen` says for each write which state of the row it was decided on. */
  commit(change: Change, seen: readonly Seen[]): 'done' | 'stale' {
    const rows = new Map(this.#rows);
    const due = new Map(this.#due);
    for (const [index, write] of change.writes.entries()) {
      if (write.op === 'wake') {
        const { kind, id, at, failures = 0 } = write;
        if (at >= NEVER) due.delete(`${kind}/${id}`);
        else due.set(`${kind}/${id}`, { kind, id, at, failures });
        continue;
      }
      const key = `${write.row.table}/${write.row.id}`;
      if ((rows.get(key)?.stamp ?? null) !== seen[index]) return 'stale';
      if (write.op === 'drop') rows.delete(key);
      else rows.set(key, { table: write.row.table, value: write.value, stamp: ++this.#stamp });
    }
    if (!isUnique(rows)) return 'stale';
    this.#rows = rows;
    this.#due = due;
    if (change.about.length > 0) {
      const { at, who, why, about } = change;
      this.#audit.push({ id: this.#audit.length + 1, at, who, why, about });
    }
    return 'done';
  }

  due(now: number): Due[] {
    const rank = (due: Due): string => `${String(due.at).padStart(20, '0')} ${due.kind} ${due.id}`;
    return [...this.#due.values()].filter((due) => due.at <= now).sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  }

  alerts(filter: Omit<AlertFilter, 'limit' | 'cursor'>): Alert[] {
    const { states, severities, rule, host, text, from, to } = filter;
    const matchers = (filter.matchers ?? []).map((matcher) => ({ name: matcher.name, test: compileMatcher(matcher).value?.test }));
    return this.all('alert')
      .filter(
        (alert) =>
          (states === undefined || states.includes(alert.state)) &&
          (severities === undefined || severities.includes(alert.severity)) &&
          (rule === undefined || alert.rule === rule) &&
          (host === undefined || alertHost(alert.labels) === host) &&
          matchers.every(({ name, test }) => test?.(alertLabels(alert)[name] ?? '')) &&
          (text === undefined || contains([...Object.values(alert.labels), ...Object.values(alert.annotations)], text)) &&
          (from === undefined || alert.activeAt >= from) &&
          (to === undefined || alert.activeAt <= to),
      )
      .sort((a, b) => b.activeAt - a.activeAt || (a.id < b.id ? 1 : -1));
  }

  runs(filter: Omit<RunFilter, 'limit' | 'cursor'>): Run[] {
    const { states, action, host, alert, requestedBy, verification, text, from, to } = filter;
    return this.all('run')
      .filter(
        (run) =>
          (states === undefined || states.includes(run.state)) &&
          (action === undefined || run.action === action) &&
          (host === undefined || run.host === host) &&
          (alert === undefined || run.alert === alert) &&
          (requestedBy === undefined || [run.requestedBy.name, formatActor(run.requestedBy)].includes(requestedBy)) &&
          (verification === undefined || run.verification === verification) &&
          (text === undefined || contains([run.action, run.host, run.reason, run.comment, ...run.argv], text)) &&
          (from === undefined || run.triggeredAt >= from) &&
          (to === undefined || run.triggeredAt <= to),
      )
      .sort((a, b) => b.triggeredAt - a.triggeredAt || (a.id < b.id ? 1 : -1));
  }

  messages(alert: string | undefined): Message[] {
    return this.all('message')
      .filter((message) => alert === undefined || message.alerts.includes(alert))
      .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  }

  advice(filter: { readonly alert?: string | undefined; readonly open?: boolean | undefined }): Advice[] {
    return this.all('advice')
      .filter((advice) => filter.alert === undefined || advice.alert === filter.alert)
      .filter((advice) => filter.open === undefined || isOpenAdvice(advice) === filter.open)
      .sort((a, b) => b.openedAt - a.openedAt || (a.id < b.id ? 1 : -1));
  }

  audit(about: string | undefined): AuditEntry[] {
    return this.#audit.filter((entry) => about === undefined || entry.about.includes(about)).reverse();
  }
}

export function isOpenAdvice(advice: Advice): boolean {
  return advice.state === 'active' || advice.state === 'acknowledged';
}

export function keyOf(table: TableName, value: Tables[TableName]): string {
  if ((table === 'host' || table === 'user') && 'name' in value) return value.name;
  return 'id' in value ? value.id : '';
}

function isOf<K extends TableName>(row: Kept, table: K): row is Kept & { readonly value: Tables[K] } {
  return row.table === table;
}

function contains(texts: readonly string[], text: string): boolean {
  return texts.some((one) => one.toLowerCase().includes(text.toLowerCase()));
}

/** One open alert of a fingerprint, one run of an idempotency key. */
function isUnique(rows: ReadonlyMap<string, Kept>): boolean {
  const keys: string[] = [];
  for (const row of rows.values()) {
    if (isOf(row, 'alert') && row.value.state !== 'resolved') keys.push(`alert ${row.value.fingerprint}`);
    if (isOf(row, 'run') && row.value.idempotencyKey !== null) keys.push(`run ${row.value.idempotencyKey}`);
  }
  return new Set(keys).size === keys.length;
}

export function isOpenRun(run: Run): boolean {
  return !isFinal(run.state);
}
