/** The shape of a small curve in a box of `width` by `height`: lines broken at gaps, and the same closed down to the floor for its fill. */
export interface SparkPath {
  readonly line: string;
  readonly area: string;
}

/** Draws values between `min` and `max`, evenly spaced from the left edge to the right one; what lies outside is held at the border. */
export function sparkPath(
  values: readonly (number | null)[],
  bounds: { min: number; max: number },
  box: { width: number; height: number },
): SparkPath {
  const span = bounds.max - bounds.min || 1;
  const stepX = values.length > 1 ? box.width / (values.length - 1) : 0;
  const runs: string[][] = [];
  const areas: string[] = [];
  let run: { points: string[]; from: number } | null = null;
  const close = (to: number): void => {
    if (run === null) return;
    runs.push(run.points);
    areas.push(`M${round(run.from)} ${box.height}L${run.points.join('L')}L${round(to)} ${box.height}Z`);
    run = null;
  };
  for (const [index, value] of values.entries()) {
    const x = index * stepX;
    if (value === null) {
      close((index - 1) * stepX);
      continue;
    }
    const share = Math.min(1, Math.max(0, (value - bounds.min) / span));
    run ??= { points: [], from: x };
    run.points.push(`${round(x)} ${round(box.height - share * box.height)}`);
  }
  close((values.length - 1) * stepX);
  return {
    line: runs.map((points) => `M${points.length === 1 ? `${points[0]}L${points[0]}` : points.join('L')}`).join(''),
    area: areas.join(''),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
