import type { RunFilter } from './core/actions/run-filter.ts';
import type { Run } from './core/actions/run.ts';
import type { AlertFilter } from './core/alerts/alert-filter.ts';
import type { Alert } from './core/alerts/alert.ts';
import type { Labels } from './core/base/labels.ts';
import type { Millis } from './core/base/time.ts';
import type { Group, Message, Personal } from './core/notify/group.ts';
import type { Advice } from './core/recommendations/recommendation.ts';
import type { TableName, Row, Found, Due, Change, AuditEntry, Page } from './core/change/change.ts';
import type { Order } from './core/actions/order.ts';
import type { Condition } from './core/rules/rule.ts';

/**
 * Everything the engine can touch. It receives one of these and nothing else; src/main builds the real one, src/sim a simulated
 * one. If it is not here, the engine cannot do it.
 */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly series: SeriesReader;
  readonly send: Send;
  readonly agents: Agents;
  readonly secrets: Secrets;
  /** Signs what goes into a link, under a key of this installation that serves nothing else. */
  readonly signLink: (text: string) => string;
  /** Forgets the output of a run that history no longer keeps. */
  readonly removeOutput: (run: string) => Promise<void>;
  readonly log: Log;
}

export interface Clock {
  now(): Millis;
  /** When this server began to look: silence from before proves nothing. */
  readonly startedAt: Millis;
}

export interface Random {
  /** A fresh identifier, sortable by the time of its making. */
  id(): string;
  /** Uniform in [0, 1): jitter only, never a decision. */
  fraction(): number;
}

export interface Store {
  load<K extends TableName>(table: K, id: string): Promise<Row<K>>;
  /** The rows that exist, in no particular order. */
  loadAll<K extends TableName>(table: K, ids: readonly string[]): Promise<readonly Found<K>[]>;
  /** All of it or none of it. 'stale' when any row changed since it was loaded, or another open alert has the fingerprint: forget the decision. */
  commit(change: Change): Promise<'done' | 'stale'>;
  /** Everything whose moment has come, earliest first. */
  due(now: Millis, limit: number): Promise<readonly Due[]>;
  nextDue(): Promise<Millis>;
  /** What will happen next, earliest first, for people. */
  agenda(limit: number): Promise<readonly Due[]>;

  /** Pending and firing alerts of one rule; null: those that other systems sent. */
  openAlerts(rule: string | null): Promise<readonly Found<'alert'>[]>;
  /** The same of many rules, in no particular order. */
  openAlertsOfRules(rules: readonly string[]): Promise<readonly Found<'alert'>[]>;
  openAlertsByFingerprint(fingerprints: readonly string[]): Promise<readonly Found<'alert'>[]>;
  openRuns(by: { readonly action?: string; readonly alert?: string | undefined; readonly host?: string }): Promise<readonly Found<'run'>[]>;
  /** Finished runs whose verification still waits for this alert. */
  runsToVerify(alert: string): Promise<readonly Found<'run'>[]>;
  runByIdempotencyKey(key: string): Promise<Found<'run'> | null>;
  groupsWithAlert(alert: string): Promise<readonly Found<'group'>[]>;
  /** The same without their members, of which there may be thousands. */
  groupTimes(alert: string): Promise<readonly Omit<Group, 'members'>[]>;
  /** Firing alerts that are a member of no group: there should be none. */
  ungroupedAlerts(limit: number): Promise<readonly Found<'alert'>[]>;
  openAdvice(alert: string): Promise<readonly Found<'advice'>[]>;

  findAlerts(filter: AlertFilter): Promise<Page<Alert>>;
  findRuns(filter: RunFilter): Promise<Page<Run>>;
  findMessages(filter: {
    readonly alert?: string | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<Message>>;
  findAdvice(filter: {
    readonly alert?: string | undefined;
    readonly open?: boolean | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<Advice>>;
  findAudit(filter: {
    readonly about?: string | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<AuditEntry>>;
  countAlerts(): Promise<Readonly<Record<string, number>>>;
  hosts(): Promise<readonly Found<'host'>[]>;
  users(): Promise<readonly Found<'user'>[]>;
  tokens(): Promise<readonly Found<'token'>[]>;
  /** The sessions of one person, expired ones too. */
  sessions(user: string): Promise<readonly Found<'session'>[]>;
  /** Every set-up link that is kept, used and expired ones too. */
  setupLinks(): Promise<readonly Found<'setup'>[]>;
  /** Deletes resolved alerts, final runs, sent messages and audit lines older than `before`, at most `limit` of each; gives the runs whose output goes with them. */
  retain(before: Millis, limit: number): Promise<{ readonly deleted: number; readonly runs: readonly string[] }>;
}

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** The instant vector of an expression; a scalar is one sample without labels, a native histogram one whose value is NaN. */
export type InstantAnswer = { readonly samples: readonly Sample[] } | { readonly error: string };

/** An expression, and the conditions of which a value must meet one to be answered; null: all are. */
export interface Question {
  readonly expr: string;
  readonly worth: readonly Condition[] | null;
}

export interface SeriesReader {
  instant(expr: string, at: Millis): Promise<InstantAnswer>;
  /** Many at once, answered in their order. `slow`: it takes so long that it has to be asked alone, and the others do not wait for it. */
  instants(questions: readonly Question[], at: Millis): Promise<readonly (InstantAnswer | 'slow')[]>;
}

/** What became of a message: `retry` keeps it owed (not before `at`, if the receiver said so), `failed` gives it up. */
export type SendOutcome =
  | { readonly result: 'sent' }
  | { readonly result: 'retry'; readonly error: string; readonly at: Millis | null }
  | { readonly result: 'failed'; readonly error: string };

/** `personal` is there when it goes to one person only; other channels than mail refuse it then. */
export type Send = (channel: string, message: Message, personal: Personal | null) => Promise<SendOutcome>;

export interface Agents {
  isConnected(host: string): boolean;
  /** Hands the order over; 'away' when the agent is not connected. The outcome comes back later through engine/receive, like any other fact. */
  deliver(host: string, order: Order): Promise<'delivered' | 'away'>;
}

export interface Secrets {
  reveal(name: string): Promise<string | null>;
}

export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
