import { parseDuration } from '../../../../src/core/base/time.ts';
import type { Row } from './answer.ts';
import { seriesName } from '../../parts/series-name.ts';

/** What a picture can be compared with: how long before, as the address says it, and its name. */
export const COMPARISONS: readonly (readonly [length: string, name: string])[] = [
  ['1d', 'the day before'],
  ['7d', 'the week before'],
  ['30d', 'the month before'],
  ['365d', 'the year before'],
];

/** How much earlier, in milliseconds, and what it is called; null: nothing is compared. */
export function comparisonOf(compare: string | undefined): { readonly by: number; readonly name: string } | null {
  const [length = '', name = ''] = COMPARISONS.find(([one]) => one === compare) ?? [];
  const by = parseDuration(length);
  return length === '' || by === null ? null : { by, name };
}

/** What a row had before; null where there was no number. */
export function earlierValues(rows: readonly Row[]): ReadonlyMap<string, number> {
  return new Map(
    rows.flatMap(({ labels, value }) => (value === null || !Number.isFinite(value) ? [] : [[seriesName(labels), value] as const])),
  );
}

/** By how much of the earlier value it changed: `+12 %`; '' where that has no meaning. */
export function changeOf(now: number | null, before: number | undefined): string {
  if (now === null || before === undefined || !Number.isFinite(now) || before === 0) return '';
  const percent = (100 * (now - before)) / Math.abs(before);
  const size = Math.abs(percent);
  const text = size >= 10_000 ? '> 10000' : size.toFixed(size < 10 ? 1 : 0);
  return `${percent < 0 ? '−' : '+'}${text} %`;
}
