import { Button } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ApiError, messageOf } from '../data/error.ts';
import styles from './empty.module.css';
import { type Tone, toneClass } from './tone.ts';

interface Props {
  readonly tone: Tone;
  readonly title?: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  /** Read out at once. */
  readonly urgent?: true;
}

/** A remark that must not be overlooked. */
export function Callout({ tone, title, children, action, urgent }: Props) {
  const Icon = tone === 'critical' || tone === 'error' || tone === 'warning' ? IconAlertTriangle : IconInfoCircle;
  return (
    <div className={`${styles['problem']} ${toneClass(tone)}`} role={urgent ? 'alert' : 'note'}>
      <Icon size={18} aria-hidden />
      <div className={styles['problemBody']}>
        {title !== undefined && <strong>{title}</strong>} {children}
      </div>
      {action}
    </div>
  );
}

/** What went wrong, all of it, and a way to try again. */
export function ErrorCallout({
  error,
  title,
  onRetry,
}: {
  readonly error: unknown;
  readonly title?: string;
  readonly onRetry?: () => void;
}) {
  const problems = error instanceof ApiError ? error.problems : [];
  const retry = onRetry !== undefined && (
    <Button size="compact-sm" variant="default" onClick={onRetry}>
      Try again
    </Button>
  );
  return (
    <Callout tone="error" urgent {...(title !== undefined && { title })} action={retry}>
      {messageOf(error)}
      {problems.length > 0 && (
        <ul>
          {problems.map((problem) => (
            <li key={`${problem.path ?? ''}${problem.message}`}>
              {problem.path !== undefined && problem.path !== '' && <code>{problem.path}: </code>}
              {problem.message}
            </li>
          ))}
        </ul>
      )}
    </Callout>
  );
}
