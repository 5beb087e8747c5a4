import { lastValue } from '../data/columns.ts';
import { formatMoment, formatValue } from '../parts/format.ts';
import { serverNow } from '../data/server-time.ts';
import type { ChartModel } from './chart-model.ts';
import styles from './chart.module.css';

interface Props {
  readonly model: ChartModel;
  /** Where the crosshair stands; null: the newest values are shown. */
  readonly cursor: number | null;
  readonly hidden: ReadonlySet<string>;
  /** `other`: with Ctrl, or the key that stands for it. */
  readonly onChoose: (label: string, other: boolean) => void;
}

/** From here on the names stand in columns. */
const MANY = 8;

/** Names and values of the lines, at the crosshair or now. A click hides or shows a line, or shows it alone. */
export function Legend({ model, cursor, hidden, onChoose }: Props) {
  const at = cursor === null ? undefined : model.at[cursor];
  return (
    <ul className={styles['legend']} data-many={model.lines.length > MANY}>
      {model.lines.map((line) => {
        const value = cursor === null ? lastValue(line.values) : (line.values[cursor] ?? null);
        return (
          <li key={line.label}>
            <button
              type="button"
              aria-pressed={!hidden.has(line.label)}
              title={line.title ?? line.label}
              onClick={(event) => onChoose(line.label, event.ctrlKey || event.metaKey)}
            >
              <span
                className={`${styles['swatch']} ${line.dashed ? styles['dashed'] : ''}`}
                style={{ '--swatch': `var(--${line.color})` } as React.CSSProperties}
                aria-hidden
              />
              <span className={styles['label']}>{line.label}</span>
              <span className={styles['value']}>{formatValue(value, model.unit)}</span>
            </button>
          </li>
        );
      })}
      {at !== undefined && (
        <li className={styles['when']} aria-hidden>
          {formatMoment(at * 1000, serverNow())}
        </li>
      )}
    </ul>
  );
}
