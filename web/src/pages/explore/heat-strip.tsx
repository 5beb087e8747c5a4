import { useMemo } from 'react';
import { formatValue, type Unit } from '../../parts/format.ts';
import styles from './explore.module.css';
import { heatOf } from './heat.ts';
import type { Histogram } from './histogram.ts';

interface Props {
  readonly name: string;
  readonly at: readonly number[];
  readonly histograms: readonly (Histogram | null)[];
  readonly unit: Unit;
}

/** A native histogram over time: each column a moment, each row a range of values, the darker the more observations. */
export function HeatStrip({ name, at, histograms, unit }: Props) {
  const heat = useMemo(() => heatOf(histograms), [histograms]);
  if (heat.rows.length === 0 || at.length === 0) return null;
  const low = heat.rows[0]?.lower ?? 0;
  const high = heat.rows.at(-1)?.upper ?? 0;
  return (
    <figure className={styles['strip']}>
      <figcaption>
        {name} <span>{`from ${formatValue(low, unit)} to ${formatValue(high, unit)}; the darker, the more observations`}</span>
      </figcaption>
      <svg viewBox={`0 0 ${heat.columns} ${heat.rows.length}`} preserveAspectRatio="none" aria-hidden>
        {heat.cells.map(({ column, row, share }) => (
          <rect
            key={`${column} ${row}`}
            x={column}
            y={heat.rows.length - 1 - row}
            width={1.02}
            height={1.02}
            fill="var(--accent)"
            opacity={0.12 + 0.88 * share}
          />
        ))}
      </svg>
    </figure>
  );
}
