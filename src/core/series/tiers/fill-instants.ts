import type { Millis } from '../../base/time.ts';
import type { Columns } from '../columns.ts';
import { alignTime, type BucketStretch } from '../../promql/buckets.ts';
import { BUCKET, ROLLED, type RolledRows } from './rolled-rows.ts';

/** The instants of a selector, the last of them not after `end`, and how old the sample it finds may be. */
export interface Instants {
  readonly start: Millis;
  readonly step: Millis;
  readonly end: Millis;
  readonly lookback: Millis;
}

/**
 * Appends the samples that an instant selector finds at its instants. An instant inside a bucket gets what was true at the end of the
 * bucket before, as if it were just as old now: a line over coarse buckets has no holes, whatever the look-back is.
 */
export function fillInstants(rows: RolledRows, stretches: readonly BucketStretch[], instants: Instants, out: Columns): void {
  const { start, step, end, lookback } = instants;
  let row = -1;
  let given = { row: -1, time: Number.NEGATIVE_INFINITY, stale: true };
  for (let instant = start; instant <= end; instant += step) {
    const known = alignTime(stretches, instant);
    while (row + 1 < rows.size && (rows.ends[row + 1] ?? 0) <= known) row += 1;
    const time = row < 0 ? Number.NEGATIVE_INFINITY : timeOf(rows, row);
    if (time > known - lookback && ((rows.flags[row] ?? 0) & BUCKET.ended) === 0) {
      const isTrue = known === instant && time > given.time;
      const isFound = known === instant && given.row === row && given.time === time && !given.stale;
      if (!isFound) {
        given = { row, time: isTrue ? time : instant, stale: false };
        addLast(rows, row, given.time, out);
      }
    } else if (!given.stale && given.time > instant - lookback) {
      given = { row, time: instant, stale: true };
      out.add(instant, 0, 1);
    }
    if (step <= 0) break;
  }
}

function timeOf(rows: RolledRows, row: number): Millis {
  return Math.max(floatTime(rows, row), rows.histograms[row]?.lastTime ?? Number.NEGATIVE_INFINITY);
}

function floatTime(rows: RolledRows, row: number): Millis {
  if (rows.column(ROLLED.count)[row] === 0) return Number.NEGATIVE_INFINITY;
  return (rows.ends[row] ?? 0) - (rows.column(ROLLED.lastAt)[row] ?? 0);
}

/** The last sample of a bucket, as if it were of this time. */
function addLast(rows: RolledRows, row: number, time: Millis, out: Columns): void {
  const histograms = rows.histograms[row] ?? null;
  if (histograms !== null && histograms.lastTime > floatTime(rows, row)) out.addHistogram(time, histograms.last);
  else out.add(time, rows.column(ROLLED.last)[row] ?? 0, 0);
}
