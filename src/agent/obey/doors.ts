import { totalmem } from 'node:os';
import type { Millis } from '../../core/base/time.ts';
import type { Clock } from '../../io/clock.ts';
import type { Exec } from '../../io/exec.ts';
import type { Files } from '../../io/files.ts';
import type { HttpClient } from '../../io/http.ts';
import type { Log } from '../../io/log.ts';
import type { Random } from '../../io/random.ts';

/** What the acting half of the agent can touch. */
export interface Doors {
  /** Leads to the server, and may lead nowhere else. */
  readonly http: HttpClient;
  /** For the requests that orders ask for. */
  readonly web: HttpClient;
  readonly exec: Exec;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What the agent's own configuration permits, whatever the server says. */
export interface Limits {
  /** Null: every action. */
  readonly allowedActions: readonly string[] | null;
  /** The users as which commands may run, besides the agent's own. */
  readonly allowedUsers: readonly string[];
  readonly longestTimeout: Millis;
  readonly mostOutputBytes: number;
  /** Of all processes of one run together; above it they are stopped. */
  readonly mostMemoryBytes: number;
  readonly mostRunsAtOnce: number;
  /** Finished runs that wait for the server, with their output, may take so much space; then no order is taken. */
  readonly mostSpoolBytes: number;
  /** Of each file that is collected after a run. */
  readonly mostCollectedBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  allowedActions: null,
  allowedUsers: [],
  longestTimeout: 24 * 3_600_000,
  mostOutputBytes: 256 << 20,
  mostMemoryBytes: Math.floor(totalmem() / 2),
  mostRunsAtOnce: 32,
  mostSpoolBytes: 2 ** 31,
  mostCollectedBytes: 1 << 20,
};
