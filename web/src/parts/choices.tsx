import type { ReactNode } from 'react';
import styles from './choices.module.css';

interface Choice<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly mark?: ReactNode;
}

interface Props<V extends string> {
  readonly label: string;
  readonly choices: readonly Choice<V>[];
  readonly chosen: readonly V[];
  readonly onChange: (chosen: V[]) => void;
}

/** Filters of which any number may be on; none on means all. */
export function Choices<V extends string>({ label, choices, chosen, onChange }: Props<V>) {
  return (
    <fieldset className={styles['choices']} aria-label={label}>
      {choices.map(({ value, label: text, mark }) => {
        const pressed = chosen.includes(value);
        const toggle = (): void => onChange(pressed ? chosen.filter((other) => other !== value) : [...chosen, value]);
        return (
          <button key={value} type="button" className={styles['choice']} aria-pressed={pressed} onClick={toggle}>
            {mark}
            {text}
          </button>
        );
      })}
    </fieldset>
  );
}

/** The row of filters above a list; on a phone they stand in one line below the search and can be pushed. */
export function FilterBar({ search, children }: { readonly search: ReactNode; readonly children?: ReactNode }) {
  return (
    <search className={styles['bar']} aria-label="Filters">
      {search}
      {children !== undefined && <div className={styles['filters']}>{children}</div>}
    </search>
  );
}
