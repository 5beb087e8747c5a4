import type { Millis } from '../../base/time.ts';
import { HistogramRoll, NO_HISTOGRAM, type RollWish, rolledSample } from '../../promql/histogram-roll.ts';
import { type Columns, HISTOGRAM, STALE } from '../columns.ts';
import { BUCKET, ROLLED, type RolledRows } from './rolled-rows.ts';

/** The end of the bucket a moment belongs to, when buckets end at all multiples of the width (UTC). */
export function bucketEnd(time: Millis, every: Millis): Millis {
  return Math.ceil(time / every) * every;
}

const EVERYTHING: RollWish = { growth: true, sum: true };

/** Makes buckets of the samples of one series, which may come in several pieces. */
export class SampleRoller {
  private readonly endOf: (time: Millis) => Millis;
  private readonly out: RolledRows;
  private readonly histograms: HistogramRoll;
  private row = -1;
  private end: Millis = Number.NEGATIVE_INFINITY;

  /** Appends to `out`; `endOf` gives the end of the bucket of a moment and never falls. */
  constructor(endOf: (time: Millis) => Millis, out: RolledRows, wish: RollWish = EVERYTHING) {
    this.endOf = endOf;
    this.out = out;
    this.histograms = new HistogramRoll(wish);
  }

  /** Takes samples that are in order, all of them after those before. */
  add(samples: Columns): void {
    const { out } = this;
    const { times, values, stale, starts, size } = samples;
    for (let i = 0; i < size; i += 1) {
      const time = times[i] ?? 0;
      if (time > this.end) {
        this.finish();
        this.end = this.endOf(time);
        this.row = openRow(out, this.end);
      }
      const { row } = this;
      const flags = out.flags[row] ?? 0;
      if (stale[i] === HISTOGRAM) this.addHistogram(samples, i);
      else if (stale[i] === STALE) out.flags[row] = flags | BUCKET.ended;
      else addSample(out, row, time, values[i] ?? 0);
      if (starts !== null && starts[i] !== 0) out.flags[row] = (out.flags[row] ?? 0) | BUCKET.started;
    }
  }

  /** The last bucket is complete. */
  finish(): void {
    const rolled = this.histograms.finish();
    if (rolled !== null) this.out.putHistograms(this.row, rolled);
  }

  private addHistogram(samples: Columns, index: number): void {
    const { out, row } = this;
    out.flags[row] = ((out.flags[row] ?? 0) & ~BUCKET.ended) | BUCKET.histograms;
    // What was left out is only counted.
    this.histograms.add(rolledSample(samples.times[index] ?? 0, samples.histogramAt(index) ?? NO_HISTOGRAM));
  }
}

/** Appends the buckets of samples that are in order; `endOf` gives the end of the bucket of a moment and never falls. */
export function rollSamples(samples: Columns, endOf: (time: Millis) => Millis, out: RolledRows, wish: RollWish = EVERYTHING): void {
  const roller = new SampleRoller(endOf, out, wish);
  roller.add(samples);
  roller.finish();
}

/** An empty bucket behind the others: its numbers are those of the one before, which is the shortest way to store them. */
function openRow(out: RolledRows, end: Millis): number {
  out.reserve(1);
  const row = out.size;
  out.ends[row] = end;
  out.flags[row] = 0;
  for (const column of out.columns) column[row] = row > 0 ? (column[row - 1] ?? 0) : 0;
  out.column(ROLLED.count)[row] = 0;
  out.column(ROLLED.lost)[row] = 0;
  out.size = row + 1;
  return row;
}

function addSample(out: RolledRows, row: number, time: Millis, value: number): void {
  const [min, max, sum, count, first, last, lost, firstAt, lastAt] = out.columns;
  const before = (out.ends[row] ?? 0) - time;
  out.flags[row] = (out.flags[row] ?? 0) & ~BUCKET.ended;
  const seen = count[row] ?? 0;
  count[row] = seen + 1;
  lastAt[row] = before;
  if (seen === 0) {
    min[row] = max[row] = sum[row] = first[row] = last[row] = value;
    firstAt[row] = before;
    return;
  }
  const previous = last[row] ?? 0;
  if (value < previous) lost[row] = (lost[row] ?? 0) + previous;
  // What is no number loses against every number.
  if (value < (min[row] ?? 0) || Number.isNaN(min[row])) min[row] = value;
  if (value > (max[row] ?? 0) || Number.isNaN(max[row])) max[row] = value;
  sum[row] = (sum[row] ?? 0) + value;
  last[row] = value;
}

/** Appends the buckets that finer buckets, in order, make together. */
export function rollRows(rows: RolledRows, every: Millis, out: RolledRows): void {
  let row = -1;
  let end = Number.NEGATIVE_INFINITY;
  const roll = new HistogramRoll(EVERYTHING);
  const close = (): void => {
    const rolled = roll.finish();
    if (rolled !== null) out.putHistograms(row, rolled);
  };
  for (let i = 0; i < rows.size; i += 1) {
    const time = rows.ends[i] ?? 0;
    if (time > end) {
      close();
      end = bucketEnd(time, every);
      row = openRow(out, end);
    }
    if (rows.column(ROLLED.count)[i] !== 0) addRow(rows, i, out, row);
    out.flags[row] = ((out.flags[row] ?? 0) & ~BUCKET.ended) | (rows.flags[i] ?? 0);
    const histograms = rows.histograms[i] ?? null;
    if (histograms !== null) roll.add(histograms);
  }
  close();
}

function addRow(rows: RolledRows, i: number, out: RolledRows, row: number): void {
  const from = rows.columns;
  const [min, max, sum, count, first, last, lost, firstAt, lastAt] = out.columns;
  const shift = (out.ends[row] ?? 0) - (rows.ends[i] ?? 0);
  const seen = count[row] ?? 0;
  count[row] = seen + (from[3][i] ?? 0);
  lastAt[row] = (from[8][i] ?? 0) + shift;
  if (seen === 0) {
    min[row] = from[0][i] ?? 0;
    max[row] = from[1][i] ?? 0;
    sum[row] = from[2][i] ?? 0;
    first[row] = from[4][i] ?? 0;
    lost[row] = from[6][i] ?? 0;
    firstAt[row] = (from[7][i] ?? 0) + shift;
  } else {
    const previous = last[row] ?? 0;
    const between = (from[4][i] ?? 0) < previous ? previous : 0;
    const inside = from[6][i] ?? 0;
    if (between !== 0 || inside !== 0) lost[row] = (lost[row] ?? 0) + between + inside;
    if ((from[0][i] ?? 0) < (min[row] ?? 0) || Number.isNaN(min[row])) min[row] = from[0][i] ?? 0;
    if ((from[1][i] ?? 0) > (max[row] ?? 0) || Number.isNaN(max[row])) max[row] = from[1][i] ?? 0;
    sum[row] = (sum[row] ?? 0) + (from[2][i] ?? 0);
  }
  last[row] = from[5][i] ?? 0;
}
