import type { Millis } from '../base/time.ts';
import type { RunState, Verification } from './run.ts';

/** Which runs a list shows; newest first. */
export interface RunFilter {
  readonly states?: readonly RunState[];
  readonly action?: string;
  readonly host?: string;
  readonly alert?: string;
  readonly requestedBy?: string;
  readonly verification?: Verification;
  readonly text?: string;
  readonly from?: Millis;
  readonly to?: Millis;
  readonly limit: number;
  readonly cursor?: string;
}
