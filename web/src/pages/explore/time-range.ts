import type { ExploreSearch } from '../../app/explore-search.ts';
import { DAY, HOUR, MINUTE, parseDuration, SECOND } from '../../../../src/core/base/time.ts';
import type { TimeRange } from '../../data/series.ts';

/** The lengths that are one click away. */
export const QUICK = ['15m', '1h', '6h', '24h', '7d', '30d'] as const;
export const USUAL = '1h';
/** How often the answers may be renewed. */
export const REFRESH = ['5s', '10s', '30s', '1m', '5m'] as const;

const LEAST_LENGTH = SECOND;
const MOST_LENGTH = 5 * 365 * DAY;
/** More the server refuses. */
const MOST_POINTS = 11_000;
const AIM_POINTS = 300;

const STEPS = [
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
];

/** The length that a text asks for (`90m`, `1h30m`), null when it is none that can be shown. */
export function parseLength(text: string | undefined): number | null {
  const length = text === undefined ? null : parseDuration(text.trim());
  return length !== null && length >= LEAST_LENGTH && length <= MOST_LENGTH ? length : null;
}

/** The part of time that an address asks for; what cannot be read means the last hour. */
export function rangeOfSearch({ from, to, range }: ExploreSearch): TimeRange {
  if (from !== undefined && to !== undefined) return { kind: 'fixed', from, to };
  return { kind: 'last', length: parseLength(range) ?? HOUR };
}

/** The step between two values: as it was chosen, else the finest with which the range still has few enough points to draw. */
export function stepOf(length: number, chosen: string | undefined): number {
  return parseLength(chosen) ?? autoStep(length);
}

export function autoStep(length: number): number {
  return STEPS.find((step) => length / step <= AIM_POINTS) ?? 30 * DAY;
}

/** The finest step that the server takes for this length. */
export function leastStep(length: number): number {
  return STEPS.find((step) => length / step <= MOST_POINTS) ?? 7 * DAY;
}

/** A time of the reader's zone as the field of a form writes it: `2026-11-20T10:15:00`. */
export function formatLocal(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The moment that such a field holds, null when it holds none. */
export function parseLocal(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text)) return null;
  const at = new Date(text).getTime();
  return Number.isFinite(at) ? at : null;
}

/** The same length of time, moved by half of itself. */
export function moved({ from, to }: { readonly from: number; readonly to: number }, direction: -1 | 1): { from: number; to: number } {
  const by = Math.round((to - from) / 2) * direction;
  return { from: from + by, to: to + by };
}
