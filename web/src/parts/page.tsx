import { IconChevronLeft } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import styles from './page.module.css';
import { usePageTitle } from './page-title.ts';

interface PageProps {
  readonly title: string;
  /** Shown instead of the plain title, for marks beside it. */
  readonly heading?: ReactNode;
  readonly subtitle?: ReactNode;
  readonly actions?: ReactNode;
  readonly back?: { readonly to: string; readonly label: string };
  readonly narrow?: true;
  readonly children: ReactNode;
}

/** The frame of every page: where one is, what it is, what one can do, then the content. */
export function Page({ title, heading, subtitle, actions, back, narrow, children }: PageProps) {
  usePageTitle(title);
  return (
    <div className={`${styles['page']} ${narrow ? styles['narrow'] : ''}`}>
      <header className={styles['head']}>
        <div className={styles['titles']}>
          {back !== undefined && (
            <Link to={back.to} className={styles['back']}>
              <IconChevronLeft size={15} aria-hidden />
              {back.label}
            </Link>
          )}
          <h1 className={styles['title']}>{heading ?? title}</h1>
          {subtitle !== undefined && <div className={styles['subtitle']}>{subtitle}</div>}
        </div>
        {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface CardProps {
  readonly title?: ReactNode;
  readonly count?: number | undefined;
  readonly aside?: ReactNode;
  /** Rows that reach from edge to edge. */
  readonly flush?: true;
  readonly children: ReactNode;
  readonly className?: string | undefined;
}

/** A titled surface. */
export function Card({ title, count, aside, flush, children, className }: CardProps) {
  const id = useId();
  return (
    <section className={`${styles['card']} ${className ?? ''}`} {...(title !== undefined && { 'aria-labelledby': id })}>
      {title !== undefined && (
        <div className={styles['cardHead']}>
          <h2 className={styles['cardTitle']} id={id}>
            {title}
            {count !== undefined && <span className={styles['count']}>{count}</span>}
          </h2>
          {aside !== undefined && <div className={styles['aside']}>{aside}</div>}
        </div>
      )}
      <div className={flush ? styles['flush'] : styles['body']}>{children}</div>
    </section>
  );
}
