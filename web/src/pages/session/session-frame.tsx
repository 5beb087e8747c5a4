import type { ReactNode } from 'react';
import { TocsinMark } from '../../parts/mark.tsx';
import { usePageTitle } from '../../parts/page-title.ts';
import styles from './session.module.css';

/** The quiet room before the door. */
export function SessionFrame({
  title,
  text,
  children,
}: {
  readonly title: string;
  readonly text?: ReactNode;
  readonly children?: ReactNode;
}) {
  usePageTitle(title);
  return (
    <main className={styles['frame']}>
      <div className={styles['panel']}>
        <div className={styles['brand']}>
          <TocsinMark size={56} />
          <span>Tocsin</span>
        </div>
        <h1 className={styles['title']}>{title}</h1>
        {text !== undefined && <p className={styles['text']}>{text}</p>}
        {children}
      </div>
      <p className={styles['motto']}>From signal to remedy</p>
    </main>
  );
}
