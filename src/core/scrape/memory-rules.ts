import type { HistogramChoice } from '../wire/scan-metric-families.ts';
import type { LabelRules } from './scrape-labels.ts';

/** How the samples of a target become series. */
export interface MemoryRules extends LabelRules {
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  /** As what histograms are taken that have a native part and classic buckets. */
  readonly histograms: HistogramChoice;
}
