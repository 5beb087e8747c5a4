import type { TimeRange } from '../data/series.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The lengths people choose from. */
export const LENGTHS = { '15m': 15 * MINUTE, '1h': HOUR, '6h': 6 * HOUR, '24h': DAY, '7d': 7 * DAY } as const;
export type LengthName = keyof typeof LENGTHS;

const STEPS = [
  10 * SECOND,
  20 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  DAY,
];
const MOST_POINTS = 400;

/** The finest step with which a length still has few enough points to draw. */
export function stepFor(length: number): number {
  return STEPS.find((step) => length / step <= MOST_POINTS) ?? 7 * DAY;
}

/**
 * The window of `rate` for a step, in whole seconds: at least a minute so that two samples are in it, and never less than a step. Long
 * steps are their own windows: the coarser tiers of the server answer these as exactly as the samples, and sooner.
 */
export function rateWindow(step: number): string {
  if (step >= 5 * MINUTE) return `${step / SECOND}s`;
  return `${Math.max(60, Math.ceil((step + 10 * SECOND) / SECOND))}s`;
}

interface Search {
  readonly range?: string;
  readonly from?: number;
  readonly to?: number;
}

/** The range that an address asks for: a zoomed part, a chosen length, else the usual one. */
export function rangeOf(search: Search, usual: LengthName): TimeRange {
  if (search.from !== undefined && search.to !== undefined) return { kind: 'fixed', from: search.from, to: search.to };
  return { kind: 'last', length: LENGTHS[lengthName(search.range, usual)] };
}

export function lengthName(text: string | undefined, usual: LengthName): LengthName {
  return text !== undefined && Object.hasOwn(LENGTHS, text) ? (text as LengthName) : usual;
}

export function lengthOf(range: TimeRange): number {
  return range.kind === 'last' ? range.length : range.to - range.from;
}
