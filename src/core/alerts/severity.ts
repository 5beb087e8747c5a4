/** The state of the target of one rule or check right now, worst first; `unknown` means it could not be judged and never counts as good. */
export type Severity = 'critical' | 'error' | 'warning' | 'notice' | 'none' | 'unknown';

/** The numbers under which severities are stored and exchanged: lower is worse, 0 could not be judged. */
export const SEVERITY_NUMBER: Readonly<Record<Severity, number>> = { unknown: 0, critical: 1, error: 2, warning: 3, notice: 4, none: 5 };

/** The severities a level of a rule may have, worst first. */
export const LEVELS = ['critical', 'error', 'warning', 'notice'] as const;
export type LevelName = (typeof LEVELS)[number];

const BY_NUMBER = new Map(Object.entries(SEVERITY_NUMBER).map(([name, number]) => [number, name as Severity]));

/** The severity with this number, `unknown` for a number that is none. */
export function severityOf(number: number): Severity {
  return BY_NUMBER.get(number) ?? 'unknown';
}

/** The severity that a foreign `severity` label means; words of other systems are mapped, anything else is a warning. */
export function severityFromLabel(text: string | undefined): LevelName {
  switch (text?.toLowerCase()) {
    case 'critical':
    case 'page':
    case 'fatal':
    case 'emergency':
    case 'disaster':
      return 'critical';
    case 'error':
    case 'high':
    case 'major':
      return 'error';
    case 'info':
    case 'notice':
    case 'low':
    case 'none':
    case 'minor':
      return 'notice';
    default:
      return 'warning';
  }
}

/** Negative when `a` is worse than `b`; `unknown` sorts between error and warning, because nobody knows. */
export function compareSeverity(a: Severity, b: Severity): number {
  const rank = (severity: Severity): number => (severity === 'unknown' ? 2.5 : SEVERITY_NUMBER[severity]);
  return rank(a) - rank(b);
}
