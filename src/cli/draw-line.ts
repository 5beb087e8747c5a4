const BARS = '▁▂▃▄▅▆▇█';

interface Frame {
  readonly from: number;
  readonly to: number;
  readonly least: number;
  readonly most: number;
  readonly columns: number;
}

/** A line of bars: the mean of the points in each column, a space where there are none. */
export function drawLine(points: readonly (readonly [number, number])[], { from, to, least, most, columns }: Frame): string {
  const sums = Array.from({ length: columns }, () => ({ sum: 0, count: 0 }));
  for (const [at, value] of points) {
    const column = sums[to === from ? 0 : Math.min(columns - 1, Math.floor(((at - from) / (to - from)) * columns))];
    if (column === undefined || !Number.isFinite(value)) continue;
    column.sum += value;
    column.count += 1;
  }
  const height = most - least;
  const line = sums.map(({ sum, count }) => {
    if (count === 0) return ' ';
    const level = height > 0 ? (sum / count - least) / height : 0;
    return BARS[Math.min(BARS.length - 1, Math.floor(level * BARS.length))] ?? ' ';
  });
  return line.join('');
}
