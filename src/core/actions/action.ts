import type { Millis } from '../base/time.ts';
import type { Source } from '../rules/rule.ts';

/** A typed parameter of an action. Every kind may be required, have a default and a description. */
export type Parameter = ParameterCommon &
  (
    | { readonly type: 'string'; readonly pattern: string | null; readonly maxLength: number; readonly allowDash: boolean }
    | { readonly type: 'integer' | 'number'; readonly min: number | null; readonly max: number | null }
    | { readonly type: 'enum'; readonly values: readonly string[] }
    | { readonly type: 'boolean' }
    | { readonly type: 'host' }
    | { readonly type: 'secret' }
  );

interface ParameterCommon {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly default: string | number | boolean | null;
}

/** A variable of an action's process: its text, or the name of the stored secret that holds it. */
export type Variable = { readonly name: string } & ({ readonly value: string } | { readonly secret: string });

/** A text that an interpreter executes, pinned: an approval holds for exactly this content. */
export interface Script {
  /** As the configuration names it, relative to its folder. */
  readonly file: string;
  readonly content: string;
  /** Of the content as UTF-8, 64 lower-case hex digits. */
  readonly sha256: string;
  /** Which element of the command stands for the file: the number of those of the interpreter. */
  readonly at: number;
}

/** A value of JSON (RFC 8259). */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A request that the agent of the target host sends. */
export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `{name}` stands for a whole segment of the path or a whole value of the query. */
  readonly url: string;
  readonly headers: readonly Variable[];
  /** A text `{name}` in it stands for the value of that parameter; null: no body. */
  readonly body: { readonly json: Json } | null;
  /** The statuses that count as success. */
  readonly expect: readonly number[];
}

/** A named command with a limit and a witness. Without parameters it is simple, with them dynamic; nothing else differs. */
export interface Action {
  readonly name: string;
  readonly description: string;
  /** Words to find it by; they decide nothing. */
  readonly tags: readonly string[];
  /** Who looks after it: a person, `team:storage`; empty: nobody is named. */
  readonly owner: string;
  /** argv; an element `{name}` is replaced by that parameter as one whole argument. */
  readonly command: readonly string[];
  /** What the element `FILE@sha256:...` of the command stands for; null: the command names a program of the host. */
  readonly script: Script | null;
  /** What is sent instead of starting a program: the command is `http`, method and address; null: a program is started. */
  readonly http: HttpCall | null;
  readonly parameters: readonly Parameter[];
  /** What its process finds in its environment, besides what tells of the alert. */
  readonly env: readonly Variable[];
  /** A host name, `{name}` of a parameter, or null for the local agent. */
  readonly runOn: string | null;
  /** The user of the host that its process runs as; null: the one of the agent. The agent's own file must allow it. */
  readonly runAs: string | null;
  readonly timeout: Millis;
  readonly outputLimitBytes: number;
  /** What its processes may occupy together before they are stopped; null: what the agent allows. */
  readonly memoryLimitBytes: number | null;
  readonly approval: ApprovalPolicy | null;
  /** Runs of this action that may be open at once. */
  readonly concurrency: number;
  readonly cooldown: Millis;
  readonly retrySafe: boolean;
  /** Files kept in the archive after the run. */
  readonly collect: readonly string[];
  /** Hash of everything that decides what runs: an approval holds for this version only. */
  readonly version: string;
  readonly source: Source;
}

export interface ApprovalPolicy {
  /** `user:alice`, `team:storage`, `role:operator`; empty: anybody who may approve. */
  readonly by: readonly string[];
  readonly expires: Millis;
  /** Who is told when somebody has to decide: channels, and `user:alice` and `team:storage`, each by a mail of their own. */
  readonly notify: readonly string[];
  /** The channel of type email that carries the mails to persons; null: the only one there is. */
  readonly mailChannel: string | null;
  /** How many different persons must approve; with two or more the requester is not one of them. */
  readonly count: number;
}

/** Which alerts start which action or show which recommendation, with which values. */
export interface Trigger {
  readonly name: string;
  readonly matchers: readonly import('../routing/matcher.ts').LabelMatcher[];
  readonly on: 'firing' | 'resolved';
  readonly run: string | null;
  readonly recommend: string | null;
  /** Parameter -> a whole value: `$labels.NAME`, `$annotations.NAME`, `$value`, or a literal. */
  readonly with: Readonly<Record<string, string | number | boolean>>;
  readonly cooldown: Millis;
  /** Asks for approval even when the action itself does not. */
  readonly approval: ApprovalPolicy | null;
  readonly concurrency: number;
  /** After the end of the run, how long to wait for the alert to clear; null: no verification. */
  readonly verifyWithin: Millis | null;
  readonly source: Source;
}
