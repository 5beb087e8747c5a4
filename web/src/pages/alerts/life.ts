import type { TimeRange } from '../../data/series.ts';
import type { Alert } from '../../data/types.ts';

const MINUTE = 60_000;
const BEFORE = 15 * MINUTE;
const AFTER = 10 * MINUTE;

type Life = Pick<Alert, 'activeAt' | 'resolvedAt'>;

/** The part of time in which an alert was what it is about, from before it began until after it ended. */
export function rangeOfLife({ activeAt, resolvedAt }: Life, now: number): TimeRange {
  if (resolvedAt !== null) return { kind: 'fixed', from: activeAt - BEFORE, to: Math.min(resolvedAt + AFTER, now) };
  return { kind: 'last', length: Math.ceil((now - activeAt + BEFORE) / MINUTE) * MINUTE };
}

/** The same with both ends, for an address that means the same tomorrow. */
export function boundsOfLife(life: Life, now: number): { readonly from: number; readonly to: number } {
  const range = rangeOfLife(life, now);
  return range.kind === 'fixed'
    ? { from: range.from, to: range.to }
    : { from: life.activeAt - BEFORE, to: Math.ceil(now / MINUTE) * MINUTE };
}
