import { Link } from '@tanstack/react-router';
import type { Run } from '../data/types.ts';
import { ActorName } from './actor-name.tsx';
import styles from './rows.module.css';
import { RunStateBadge, VerdictBadge } from './run-state.tsx';
import { Ago } from './time.tsx';

function RunRow({ run }: { readonly run: Run }) {
  return (
    <Link to="/runs/$id" params={{ id: run.id }} className={`${styles['row']} ${styles['run']}`}>
      <div>
        <RunStateBadge state={run.state} />
      </div>
      <div className={styles['main']}>
        <div className={styles['name']}>{run.action}</div>
        <div className={styles['text']}>
          <ActorName who={run.requestedBy} />
          {run.runAs !== null && ` as ${run.runAs}`} on {run.host}
          {run.reason !== '' && ` · ${run.reason}`}
        </div>
      </div>
      <div className={styles['side']}>{run.verification !== null && <VerdictBadge verification={run.verification} />}</div>
      <div className={styles['when']}>
        <Ago at={run.finishedAt ?? run.startedAt ?? run.triggeredAt} />
      </div>
    </Link>
  );
}

export function RunRows({ runs }: { readonly runs: readonly Run[] }) {
  return (
    <ul className={styles['list']}>
      {runs.map((run) => (
        <li key={run.id}>
          <RunRow run={run} />
        </li>
      ))}
    </ul>
  );
}
