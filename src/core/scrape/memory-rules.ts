import type { Millis } from '../base/time.ts';
import type { HistogramChoice } from '../wire/scan-metric-families.ts';
import type { LabelRules } from './scrape-labels.ts';

/** How the samples of a target become series. */
export interface MemoryRules extends LabelRules {
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  /** As what histograms are taken that have a native part and classic buckets. */
  readonly histograms: HistogramChoice;
  /** The timeout to report, with the limits and the size, as `extra_scrape_metrics` wants; null: they are not reported. */
  readonly reportedTimeout: Millis | null;
}
