import type { AlertDetail } from '../../data/types.ts';
import type { Threshold } from '../../plots/chart-model.ts';

type RuleView = NonNullable<AlertDetail['rule']>;

const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`;
const ABOVE = new RegExp(String.raw`(?:>=?|\babove|\bover)\s*(${NUMBER})`, 'i');
const BELOW = new RegExp(String.raw`(?:<=?|\bbelow|\bunder)\s*(${NUMBER})`, 'i');

/** The levels and the recovery of a rule as lines of a chart; conditions that are no bound have none. */
export function thresholdsOf(rule: RuleView): Threshold[] {
  const levels = rule.levels.flatMap(({ name, condition }) => lines(condition, name, name));
  const recovery =
    rule.recovery === null ? [] : lines(rule.recovery.condition, 'recovery', 'good').map((line) => ({ ...line, bad: 'none' as const }));
  return [...levels, ...recovery];
}

function lines(condition: string, label: string, tone: string): Threshold[] {
  const above = ABOVE.exec(condition)?.[1];
  const below = BELOW.exec(condition)?.[1];
  return [
    ...(above === undefined ? [] : [{ value: Number(above), label: `${label} above ${above}`, tone, bad: 'above' as const }]),
    ...(below === undefined ? [] : [{ value: Number(below), label: `${label} below ${below}`, tone, bad: 'below' as const }]),
  ];
}

/** Whether a series is the one that the alert is about: each of its labels stands on the alert with the same value. */
export function isSubject(series: Readonly<Record<string, string>>, alert: Readonly<Record<string, string>>): boolean {
  return Object.entries(series).every(([name, value]) => name === '__name__' || alert[name] === value);
}
