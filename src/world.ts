import type { HttpOrder } from './core/actions/http-call.ts';
import type { SetupLink, Session, Token, User } from './core/access/account.ts';
import type { Actor } from './core/access/actor.ts';
import type { RunFilter } from './core/actions/run-filter.ts';
import type { Run } from './core/actions/run.ts';
import type { AlertFilter } from './core/alerts/alert-filter.ts';
import type { Alert } from './core/alerts/alert.ts';
import type { Labels } from './core/base/labels.ts';
import type { Millis } from './core/base/time.ts';
import type { Host } from './core/hosts/host.ts';
import type { Group, Message } from './core/notify/group.ts';
import type { Advice } from './core/recommendations/recommendation.ts';

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

/** The kinds of rows, and what each holds. */
export interface Tables {
  readonly alert: Alert;
  readonly group: Group;
  readonly message: Message;
  readonly run: Run;
  readonly advice: Advice;
  readonly host: Host;
  readonly user: User;
  readonly session: Session;
  readonly token: Token;
  readonly setup: SetupLink;
  /** When something limited by a cooldown last happened. */
  readonly cooldown: { readonly id: string; readonly at: Millis };
}
export type TableName = keyof Tables;

/** A durable record and the version it had when it was read. Version 0: it did not exist. */
export interface Row<K extends TableName = TableName> {
  readonly table: K;
  readonly id: string;
  readonly version: number;
  readonly value: Tables[K] | null;
}

/** A row known to exist. */
export type Found<K extends TableName> = Row<K> & { readonly value: Tables[K] };

export type DueKind = 'alert' | 'group' | 'message' | 'run' | 'verify' | 'host' | 'watchdog' | 'retain';

/** One future moment. `failures` counts the handlers that threw for it. */
export interface Due {
  readonly kind: DueKind;
  readonly id: string;
  readonly at: Millis;
  readonly failures: number;
}

export type Write =
  | { readonly [K in TableName]: { readonly op: 'put'; readonly row: Row<K>; readonly value: Tables[K] } }[TableName]
  | { readonly op: 'drop'; readonly row: Row }
  /** `at` NEVER forgets the moment. */
  | { readonly op: 'wake'; readonly kind: DueKind; readonly id: string; readonly at: Millis; readonly failures?: number };

/** One atomic change of durable state, as plain data. It says who and why, so the audit log cannot be forgotten. */
export interface Change {
  readonly at: Millis;
  readonly who: Actor;
  readonly why: string;
  /** What it concerns, as `alert/ID`, `run/ID`...: the timelines are made of this. Empty: a wake-up that nobody needs to see; not recorded. */
  readonly about: readonly string[];
  readonly writes: readonly Write[];
  /** Further lines of the audit log, when it concerns several things that have reasons of their own. */
  readonly also?: readonly { readonly why: string; readonly about: readonly string[] }[];
}

/** One line of the audit log. */
export interface AuditEntry {
  readonly id: number;
  readonly at: Millis;
  readonly who: Actor;
  readonly why: string;
  readonly about: readonly string[];
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Give it back as `cursor` for the next page; null at the end. */
  readonly next: string | null;
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

export interface SeriesReader {
  /** The instant vector of an expression; a scalar is one sample without labels. */
  instant(expr: string, at: Millis): Promise<{ readonly samples: readonly Sample[] } | { readonly error: string }>;
}

/** What became of a message: `retry` keeps it owed (not before `at`, if the receiver said so), `failed` gives it up. */
export type SendOutcome =
  | { readonly result: 'sent' }
  | { readonly result: 'retry'; readonly error: string; readonly at: Millis | null }
  | { readonly result: 'failed'; readonly error: string };

export type Send = (channel: string, message: Message) => Promise<SendOutcome>;

/** What an agent is told to do. It starts an order at most once, however often it is delivered, and refuses older fences. */
export type Order =
  | {
      readonly type: 'run';
      readonly run: string;
      readonly fence: number;
      readonly action: string;
      readonly argv: readonly string[];
      /** The element `at` of argv stands for a file with this content; `sha256` is of its UTF-8, in hex. */
      readonly script: { readonly at: number; readonly content: string; readonly sha256: string } | null;
      /** Sent by the agent instead of starting a program. */
      readonly http: HttpOrder | null;
      readonly env: Readonly<Record<string, string>>;
      /** Texts to mask in the output. */
      readonly secrets: readonly string[];
      readonly timeout: Millis;
      readonly outputLimitBytes: number;
      readonly collect: readonly string[];
    }
  | { readonly type: 'cancel'; readonly run: string };

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
