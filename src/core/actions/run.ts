import type { Millis } from '../base/time.ts';
import type { Actor } from '../access/actor.ts';

/** One attempt to execute an action, from request to outcome. */
export type RunState = OpenRunState | FinalRunState;
export type OpenRunState = 'awaiting approval' | 'queued' | 'starting' | 'running' | 'cancelling';
export type FinalRunState =
  | 'succeeded'
  | 'failed'
  | 'timed out'
  | 'cancelled'
  | 'rejected'
  | 'expired'
  | 'refused'
  | 'failed to start'
  | 'unknown';

/** Whether the alert cleared after the run: `waiting` until that is known, null where there is nothing to verify. */
export type Verification = 'waiting' | 'fixed' | 'not fixed' | 'made worse';

export interface Run {
  readonly id: string;
  readonly action: string;
  /** The version of the action that was asked for; an approval holds for it only. */
  readonly version: string;
  readonly state: RunState;
  /** Why it is in this state, for people. */
  readonly reason: string;
  /** As given, secrets masked. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** The exact command, secrets masked as `***`. */
  readonly argv: readonly string[];
  /** Name of the agent that executes it. */
  readonly host: string;
  /** The user of that host whose rights its process has; null: the one of the agent. */
  readonly runAs: string | null;
  readonly requestedBy: Actor;
  readonly comment: string;
  readonly trigger: string | null;
  readonly alert: string | null;
  readonly approvals: readonly Decision[];
  readonly approvalsNeeded: number;
  /** Who may approve (`user:`, `team:`, `role:`); empty: anybody who may approve. */
  readonly approvers: readonly string[];
  readonly triggeredAt: Millis;
  /** The next moment at which something happens by itself: expiry, deadline. */
  readonly deadline: Millis;
  /** Counts the claims to start it; the agent refuses an order with an older one. */
  readonly fence: number;
  readonly startedAt: Millis | null;
  readonly finishedAt: Millis | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why the process could not be started, null otherwise. */
  readonly spawnError: string | null;
  readonly outputBytes: number;
  readonly outputTruncated: boolean;
  readonly timeout: Millis;
  readonly outputLimitBytes: number;
  readonly verification: Verification | null;
  readonly verifyWithin: Millis | null;
  /** The key under which the same request gives the same run. */
  readonly idempotencyKey: string | null;
  /** Hash of the request, so that one key cannot stand for two requests. */
  readonly requestHash: string;
}

/** What a person said to a waiting run. */
export interface Decision {
  readonly by: Actor;
  readonly at: Millis;
  readonly approve: boolean;
  readonly comment: string;
  /** How it was said, where not by somebody signed in. */
  readonly via?: 'mail link';
}

const FINAL: ReadonlySet<RunState> = new Set<RunState>([
  'succeeded',
  'failed',
  'timed out',
  'cancelled',
  'rejected',
  'expired',
  'refused',
  'failed to start',
  'unknown',
]);

/** Whether nothing can happen to the run any more, verification aside. */
export function isFinal(state: RunState): state is FinalRunState {
  return FINAL.has(state);
}
