import type { Millis } from '../base/time.ts';
import type { LabelMatcher } from '../routing/matcher.ts';
import type { AlertState } from './alert.ts';
import type { Severity } from './severity.ts';

/** Which alerts a list shows; newest first. */
export interface AlertFilter {
  readonly states?: readonly AlertState[] | undefined;
  readonly severities?: readonly Severity[] | undefined;
  readonly rule?: string | undefined;
  readonly host?: string | undefined;
  /** Over the labels with severity. */
  readonly matchers?: readonly LabelMatcher[] | undefined;
  /** Found in any label value or annotation. */
  readonly text?: string | undefined;
  readonly from?: Millis | undefined;
  readonly to?: Millis | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}
