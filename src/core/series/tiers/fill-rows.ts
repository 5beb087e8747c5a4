import type { Histogram } from '../../promql/histogram.ts';
import { NO_HISTOGRAM, type RolledHistograms } from '../../promql/histogram-roll.ts';
import type { Columns } from '../columns.ts';
import { ROLLED, type RolledRows } from './rolled-rows.ts';
import type { TierColumns } from './tier-columns.ts';

/**
 * Leaves the buckets that have samples, and takes from them the numbers and histograms that a function sees, with their times. `isAnswerable`:
 * the function knows that they stand for buckets; every other one would take what a histogram says of the one before it for what it is not.
 */
export function fillRows(rows: RolledRows, columns: TierColumns, isAnswerable: boolean, out: Columns): void {
  rows.keepFilled();
  const { size, histograms } = rows;
  const before = rows.column(columns.time);
  if (histograms.length === 0) {
    out.reserve(size);
    for (let row = 0; row < size; row += 1) out.times[row] = (rows.ends[row] ?? 0) - (before[row] ?? 0);
    out.values.set(rows.column(columns.value).subarray(0, size));
    out.stale.fill(0, 0, size);
    out.extend(size, false);
    return;
  }
  const values = rows.column(columns.value);
  const counts = rows.column(ROLLED.count);
  for (let row = 0; row < size; row += 1) {
    const one = histograms[row] ?? null;
    const time = (rows.ends[row] ?? 0) - (before[row] ?? 0);
    const histogramTime = one === null ? Number.POSITIVE_INFINITY : columns.time === ROLLED.firstAt ? one.firstTime : one.lastTime;
    const isFirst = histogramTime < time;
    if (one !== null && isFirst) out.addHistogram(histogramTime, histogramOf(one, columns, isAnswerable));
    if (counts[row] !== 0) out.add(time, values[row] ?? 0, 0);
    if (one !== null && !isFirst) out.addHistogram(histogramTime, histogramOf(one, columns, isAnswerable));
  }
}

function histogramOf(one: RolledHistograms, { histogram }: TierColumns, isAnswerable: boolean): Histogram {
  const found = histogram === null ? null : one[histogram];
  if (found === null) return NO_HISTOGRAM;
  return isAnswerable || found.hint === 'gauge' ? found : { ...found, hint: 'unknown' };
}
