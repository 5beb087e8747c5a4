import { IconHistory } from '@tabler/icons-react';
import type { AuditEntry } from '../data/types.ts';
import { ActorName } from './actor-name.tsx';
import { Empty } from './empty.tsx';
import { Sentence } from './sentence.tsx';
import { Moment } from './time.tsx';
import styles from './timeline.module.css';

/** What happened, newest first: why, who, when. */
export function Timeline({ entries }: { readonly entries: readonly AuditEntry[] }) {
  if (entries.length === 0) return <Empty Icon={IconHistory} title="Nothing recorded yet" />;
  return (
    <ol className={styles['timeline']}>
      {entries
        .toSorted((a, b) => b.at - a.at || b.id - a.id)
        .map((entry) => (
          <li key={entry.id} className={styles['entry']}>
            <span className={styles['dot']} aria-hidden />
            <div>
              <div className={styles['why']}>
                <Sentence text={entry.why} />
              </div>
              <div className={styles['meta']}>
                <Moment at={entry.at} />
                <ActorName who={entry.who} />
              </div>
            </div>
          </li>
        ))}
    </ol>
  );
}
