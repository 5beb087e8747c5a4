import type { ReactNode } from 'react';
import styles from './facts.module.css';

/** Names with their values. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className={styles['facts']}>{children}</dl>;
}

export function Fact({ name, wide, children }: { readonly name: string; readonly wide?: true; readonly children: ReactNode }) {
  return (
    <div className={wide ? styles['wide'] : ''}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Labels of a series or alert, sorted by name. */
export function LabelChips({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  return (
    <ul className={styles['labels']} aria-label="Labels">
      {Object.entries(labels)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => (
          <li key={name} className={styles['label']}>
            <span>{name}</span>
            <span>{value}</span>
          </li>
        ))}
    </ul>
  );
}
