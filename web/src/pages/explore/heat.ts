import type { Bucket, Histogram } from './histogram.ts';

/** Cells of a heat map: `share` is the part of the fullest cell, from 0 to 1. */
export interface Heat {
  readonly columns: number;
  readonly rows: readonly { readonly lower: number; readonly upper: number }[];
  readonly cells: readonly { readonly column: number; readonly row: number; readonly share: number }[];
}

const MOST_COLUMNS = 60;
const MOST_ROWS = 24;

/** Histograms over time as cells, thinned to what a strip can show. */
export function heatOf(histograms: readonly (Histogram | null)[]): Heat {
  const every = Math.max(1, Math.ceil(histograms.length / MOST_COLUMNS));
  const thinned = histograms.filter((_, index) => index % every === 0);
  const all = new Map<number, Bucket>();
  for (const one of thinned) for (const bucket of one?.buckets ?? []) if (Number.isFinite(bucket.upper)) all.set(bucket.upper, bucket);
  const bounds = [...all.values()].toSorted((a, b) => a.upper - b.upper);
  const perRow = Math.max(1, Math.ceil(bounds.length / MOST_ROWS));
  const rows = Array.from({ length: Math.ceil(bounds.length / perRow) }, (_, row) => ({
    lower: bounds[row * perRow]?.lower ?? 0,
    upper: bounds[Math.min(bounds.length, (row + 1) * perRow) - 1]?.upper ?? 0,
  }));
  const counts = thinned.map((one) => {
    const sums = rows.map(() => 0);
    for (const { upper, count } of one?.buckets ?? []) {
      const row = rows.findIndex((bounded) => upper <= bounded.upper);
      if (row >= 0) sums[row] = (sums[row] ?? 0) + count;
    }
    return sums;
  });
  const most = Math.max(0, ...counts.map((sums) => Math.max(0, ...sums)));
  const cells = counts.flatMap((sums, column) => sums.flatMap((count, row) => (count > 0 ? [{ column, row, share: count / most }] : [])));
  return { columns: thinned.length, rows, cells };
}
