import type { Millis } from '../base/time.ts';
import type { LabelMatcher } from '../routing/matcher.ts';
import type { AlertState } from './alert.ts';
import type { Severity } from './severity.ts';

/** Which alerts a list shows; newest first. */
export interface AlertFilter {
  readonly states?: readonly AlertState[];
  readonly severities?: readonly Severity[];
  readonly rule?: string;
  readonly host?: string;
  /** Over the labels with severity. */
  readonly matchers?: readonly LabelMatcher[];
  /** Found in any label value or annotation. */
  readonly text?: string;
  readonly from?: Millis;
  readonly to?: Millis;
  readonly limit: number;
  readonly cursor?: string;
}
