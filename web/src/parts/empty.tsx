import type { TablerIcon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import styles from './empty.module.css';

interface Props {
  readonly Icon: TablerIcon;
  readonly title: string;
  /** What to do about it, or why it is good. */
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** Where a list would be: why there is nothing, and what to do. */
export function Empty({ Icon, title, children, action }: Props) {
  return (
    <div className={styles['empty']}>
      <span className={styles['mark']}>
        <Icon size={24} stroke={1.7} aria-hidden />
      </span>
      <div className={styles['title']}>{title}</div>
      {children !== undefined && <p className={styles['text']}>{children}</p>}
      {action !== undefined && <div className={styles['more']}>{action}</div>}
    </div>
  );
}
