import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';

/** A machine whose agent has been heard. */
export interface Host {
  readonly name: string;
  readonly os: string;
  readonly agentVersion: string;
  readonly labels: Labels;
  readonly firstSeenAt: Millis;
  /** When the agent was last connected or delivered something; kept to the minute, the live moment is in memory. */
  readonly lastSeenAt: Millis;
  /** The actions its own configuration accepts; null: all. */
  readonly allowedActions: readonly string[] | null;
  /** Whether this is the agent that the server itself starts. */
  readonly local: boolean;
}
