import { Link } from '@tanstack/react-router';
import { formatNumber } from '../../parts/format.ts';
import { Card } from '../../parts/page.tsx';
import styles from './storage.module.css';

interface Counted {
  readonly name: string;
  readonly value: number;
}

interface Props {
  readonly title: string;
  readonly hint: string;
  readonly items: readonly Counted[];
  /** How a value is written; a number when absent. */
  readonly format?: (value: number) => string;
  /** The query that looks closer; absent: there is none. */
  readonly query?: (name: string) => string;
}

/** What there is most of, with bars; a click asks for more in Explore. */
export function Largest({ title, hint, items, format = formatNumber, query }: Props) {
  const most = Math.max(1, ...items.map(({ value }) => value));
  return (
    <Card title={title} aside={hint}>
      {items.length === 0 ? (
        <p className={styles['hint']}>Nothing yet.</p>
      ) : (
        <ol className={styles['largest']}>
          {items.map(({ name, value }) => (
            <li key={name}>
              <span className={styles['barOf']} style={{ width: `${(100 * value) / most}%` }} aria-hidden />
              {query === undefined ? (
                <span className={styles['largestName']}>{name === '' ? '(none)' : name}</span>
              ) : (
                <Link
                  to="/explore"
                  search={{ q: [query(name)], view: 'table' }}
                  className={styles['largestName']}
                  title={`Explore ${name}`}
                >
                  {name}
                </Link>
              )}
              <span className={styles['largestValue']}>{format(value)}</span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
