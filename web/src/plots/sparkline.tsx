import { useMemo } from 'react';
import { sparkPath } from './spark-path.ts';
import styles from './sparkline.module.css';

interface Props {
  readonly values: readonly (number | null)[];
  readonly min?: number;
  readonly max?: number;
  readonly height?: number;
}

const WIDTH = 120;

/** A curve without axes: where something is going. The value itself stands beside it as text. */
export function Sparkline({ values, min = 0, max = 100, height = 28 }: Props) {
  const path = useMemo(() => sparkPath(values, { min, max }, { width: WIDTH, height: height - 2 }), [values, min, max, height]);
  return (
    <svg className={styles['spark']} height={height} viewBox={`0 -1 ${WIDTH} ${height}`} preserveAspectRatio="none" aria-hidden>
      <path className={styles['area']} d={path.area} />
      <path className={styles['line']} d={path.line} />
    </svg>
  );
}
