import type { Unit } from '../parts/format.ts';

/** One line of a chart. `color` is the name of a token: `series-1`, `critical`. */
export interface Line {
  readonly label: string;
  /** The whole name, where the label is a short one. */
  readonly title?: string;
  readonly color: string;
  readonly values: readonly (number | null)[];
  /** Drawn downwards from zero: writes below reads. */
  readonly below?: true;
  readonly dashed?: true;
  readonly filled?: true;
}

/** A level that a rule watches, and on which side of it things are bad. */
export interface Threshold {
  readonly value: number;
  readonly label: string;
  readonly tone: string;
  readonly bad: 'above' | 'below' | 'none';
}

/** Everything a chart shows. Times in seconds. */
export interface ChartModel {
  readonly unit: Unit;
  readonly at: readonly number[];
  readonly lines: readonly Line[];
  readonly thresholds: readonly Threshold[];
  readonly stacked?: true;
  readonly max?: number;
  /** The y axis need not begin at zero: what matters is how near a value is to its levels. */
  readonly near?: true;
}

/** The token of the n-th line. */
export function seriesColor(index: number): string {
  return `series-${(index % 8) + 1}`;
}
