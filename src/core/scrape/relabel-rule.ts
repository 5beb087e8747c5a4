/** What a relabelling rule does, in Prometheus' words. */
export const RELABEL_ACTIONS = [
  'replace',
  'keep',
  'drop',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
  'keepequal',
  'dropequal',
] as const;

/** What a relabelling rule does, in Prometheus' words. */
export type RelabelAction = (typeof RELABEL_ACTIONS)[number];

/** One rule of `relabel_configs` or `metric_relabel_configs`, with Prometheus' defaults filled in. */
export interface RelabelRule {
  readonly action: RelabelAction;
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  /** An RE2 expression, anchored at both ends. */
  readonly regex: string;
  /** For `replace` a template such as `${1}`. */
  readonly targetLabel: string;
  readonly replacement: string;
  readonly modulus: number;
}

/** The expression of a rule that gives none. */
export const DEFAULT_REGEX = '(.*)';
