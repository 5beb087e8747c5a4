import { assert } from '../../core/base/assert.ts';
import type { Millis } from '../../core/base/time.ts';

/** An instant or a length: what no 64-bit column and no reader can hold exactly never gets in. */
export function millisColumn(value: Millis): number {
  assert(Number.isSafeInteger(value), `${value} is not a whole number of milliseconds`);
  return value;
}

export function optionalMillisColumn(value: Millis | null): number | null {
  return value === null ? null : millisColumn(value);
}

/** Any number as text: NaN, the infinities and -0 come back as they were. */
export function numberColumn(value: number | null): string | null {
  if (value === null) return null;
  return Object.is(value, -0) ? '-0' : String(value);
}

export function parseNumberColumn(text: string | null): number | null {
  return text === null ? null : Number(text);
}

/** What was written by `JSON.stringify` from a value of this type. */
export function parseJson<T>(text: string): T {
  const value: T = JSON.parse(text);
  return value;
}

/** Case-folded text to be searched, cut to a bound. */
export function searchColumn(parts: readonly string[]): string {
  return foldText(parts.join('\n')).slice(0, SEARCH_LIMIT);
}

export function foldText(text: string): string {
  return text.toLowerCase();
}

/** A filter finds text in the first so many characters of a record only. */
const SEARCH_LIMIT = 8_000;
