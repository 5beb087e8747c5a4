import { messageOf } from '../../data/error.ts';
import { ApiError } from '../../data/error.ts';
import { Callout } from '../../parts/callout.tsx';
import { Button } from '@mantine/core';
import { explainError, markedLine } from './explain-error.ts';
import styles from './explore.module.css';

interface Props {
  readonly expr: string;
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** What is wrong with a query, where, and what to do. */
export function QueryProblem({ expr, error, onRetry }: Props) {
  const { what, place, help } = explainError(messageOf(error));
  const mayHelp = error instanceof ApiError && ['offline', 'timeout', 'unavailable', 'internal'].includes(error.code);
  const marked = place === null ? null : markedLine(expr, place);
  return (
    <Callout
      tone="error"
      urgent
      action={
        mayHelp && (
          <Button size="compact-sm" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      <span className={styles['what']}>{what}</span>
      {place !== null && marked !== null && (
        <>
          <code className={styles['marked']} aria-hidden>
            {marked.before}
            <mark>{marked.at}</mark>
            {marked.after}
          </code>
          <span className={styles['help']}>
            Line {place.line}, column {place.column}.{' '}
          </span>
        </>
      )}
      {help !== null && <span className={styles['help']}>{help}</span>}
    </Callout>
  );
}
