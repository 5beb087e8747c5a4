import type { Condition } from './rule.ts';

/** Whether a value passes a bound; one without bounds is passed by every value, by no value none is. */
export function meets(condition: Condition, value: number | null): boolean {
  if (value === null) return false;
  return (condition.above === null || value > condition.above) && (condition.below === null || value < condition.below);
}

/** Whether a value meets one of the conditions; null: all values count. */
export function isWorth(worth: readonly Condition[] | null, value: number): boolean {
  if (worth === null) return true;
  for (const condition of worth) if (meets(condition, value)) return true;
  return false;
}
