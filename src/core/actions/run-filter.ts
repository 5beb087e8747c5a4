import type { Millis } from '../base/time.ts';
import type { RunState, Verification } from './run.ts';

/** Which runs a list shows; newest first. */
export interface RunFilter {
  readonly states?: readonly RunState[] | undefined;
  readonly action?: string | undefined;
  readonly host?: string | undefined;
  readonly alert?: string | undefined;
  readonly requestedBy?: string | undefined;
  readonly verification?: Verification | undefined;
  readonly text?: string | undefined;
  readonly from?: Millis | undefined;
  readonly to?: Millis | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}
