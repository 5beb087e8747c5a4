import type { SetupLink, Session, Token, User } from '../access/account.ts';
import type { Actor } from '../access/actor.ts';
import type { Run } from '../actions/run.ts';
import type { Alert } from '../alerts/alert.ts';
import type { Millis } from '../base/time.ts';
import type { Host } from '../hosts/host.ts';
import type { Group, Message } from '../notify/group.ts';
import type { Advice } from '../recommendations/recommendation.ts';

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
/** The kinds of rows by name. */
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

/** What a future moment is about. */
export type DueKind = 'alert' | 'group' | 'message' | 'run' | 'verify' | 'host' | 'watchdog' | 'retain';

/** One future moment. `failures` counts the handlers that threw for it. */
export interface Due {
  readonly kind: DueKind;
  readonly id: string;
  readonly at: Millis;
  readonly failures: number;
}

/** One write of a change. */
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

/** A piece of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Give it back as `cursor` for the next page; null at the end. */
  readonly next: string | null;
}
