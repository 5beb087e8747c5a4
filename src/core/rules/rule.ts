import type { LevelName } from '../alerts/severity.ts';
import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';

/** A bound that a value passes: above, below, or (with neither) simply being there, as in a Prometheus rule. */
export interface Condition {
  readonly above: number | null;
  readonly below: number | null;
}

export interface Level extends Condition {
  readonly name: LevelName;
  /** How long the condition must hold before the level counts. */
  readonly for: Millis;
}

/** Judges the series that `expr` yields, each on its own: levels with their own hold time, and a recovery with its own. */
export interface Rule {
  readonly name: string;
  readonly expr: string;
  /** Worst first; at least one. */
  readonly levels: readonly Level[];
  /** Null: recovered as soon as no level's condition holds. */
  readonly recovery: (Condition & { readonly for: Millis }) | null;
  readonly labels: Labels;
  /** Templates: `{{ $labels.instance }}`, `{{ $value | humanize }}`. */
  readonly annotations: Labels;
  /** The longest time between two evaluations. */
  readonly every: Millis;
  /** A firing alert whose series has no value any more is resolved after this time, and says so. */
  readonly forgetAfter: Millis;
  readonly source: Source;
}

/** Where a piece of configuration comes from: a file with its line, or what ships with the program. */
export interface Source {
  readonly file: string | null;
  readonly line: number;
}
