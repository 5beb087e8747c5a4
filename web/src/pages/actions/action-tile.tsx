import { Button } from '@mantine/core';
import { IconForms, IconPlayerPlayFilled, IconServer2, IconUserQuestion, IconBolt } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Action } from '../../data/types.ts';
import { plural } from '../../parts/format.ts';
import { RunStateBadge, VerdictBadge } from '../../parts/run-state.tsx';
import { Ago } from '../../parts/time.tsx';
import styles from './actions-page.module.css';

export function ActionTile({ action, onRun }: { readonly action: Action; readonly onRun: () => void }) {
  const { lastRun } = action;
  return (
    <article className={styles['tile']} aria-label={action.name}>
      <div>
        <h2 className={styles['name']} style={{ fontSize: 16 }}>
          <Link to="/actions/$name" params={{ name: action.name }}>
            {action.name}
          </Link>
        </h2>
        {action.description !== '' && <p className={styles['text']}>{action.description}</p>}
      </div>
      <Hints action={action} />
      <div className={styles['foot']}>
        {lastRun === null ? (
          <span className={styles['last']}>Never run</span>
        ) : (
          <Link to="/runs/$id" params={{ id: lastRun.id }} className={styles['last']}>
            {lastRun.verification === null ? <RunStateBadge state={lastRun.state} /> : <VerdictBadge verification={lastRun.verification} />}
            <Ago at={lastRun.triggeredAt} />
          </Link>
        )}
        {action.mayRun && (
          <Button
            size="xs"
            variant="light"
            leftSection={<IconPlayerPlayFilled size={13} aria-hidden />}
            onClick={onRun}
            aria-label={`Run ${action.name}`}
          >
            Run
          </Button>
        )}
      </div>
    </article>
  );
}

/** What to expect of an action before opening it. */
function Hints({ action }: { readonly action: Action }) {
  return (
    <div className={styles['hints']}>
      {action.parameters.length > 0 && (
        <span>
          <IconForms size={15} aria-hidden />
          {plural(action.parameters.length, 'parameter')}
        </span>
      )}
      {action.approval !== null && (
        <span>
          <IconUserQuestion size={15} aria-hidden />
          needs approval
        </span>
      )}
      <span>
        <IconServer2 size={15} aria-hidden />
        {action.runOn ?? 'server’s host'}
      </span>
      {action.triggers.length > 0 && (
        <span>
          <IconBolt size={15} aria-hidden />
          {plural(action.triggers.length, 'trigger')}
        </span>
      )}
    </div>
  );
}
