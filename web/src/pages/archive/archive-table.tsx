import { ActionIcon } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { outputUrl } from '../../data/runs.ts';
import type { Run } from '../../data/types.ts';
import { ActorName } from '../../parts/actor-name.tsx';
import { formatBytes, formatLength } from '../../parts/format.ts';
import { RunRows } from '../../parts/run-row.tsx';
import { RunStateBadge, VerdictBadge } from '../../parts/run-state.tsx';
import { Moment } from '../../parts/time.tsx';
import styles from './archive-table.module.css';

/** Runs as a table, on narrow screens as rows. */
export function ArchiveTable({ runs }: { readonly runs: readonly Run[] }) {
  const narrow = useMediaQuery('(max-width: 83em)', false, { getInitialValueInEffect: false });
  if (narrow) return <RunRows runs={runs} />;
  return (
    <div className={styles['wrap']}>
      <table className={styles['table']}>
        <thead>
          <tr>
            <th scope="col">Action</th>
            <th scope="col">State</th>
            <th scope="col">Verdict</th>
            <th scope="col">Host</th>
            <th scope="col">Asked by</th>
            <th scope="col">Triggered</th>
            <th scope="col">Took</th>
            <th scope="col">Exit</th>
            <th scope="col" aria-label="Output" />
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.id} run={run} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ run }: { readonly run: Run }) {
  return (
    <tr>
      <td>
        <div className={styles['action']}>
          <Link to="/runs/$id" params={{ id: run.id }}>
            {run.action}
          </Link>
        </div>
        {run.reason !== '' && <div className={styles['reason']}>{run.reason}</div>}
      </td>
      <td>
        <RunStateBadge state={run.state} />
      </td>
      <td>{run.verification !== null && <VerdictBadge verification={run.verification} />}</td>
      <td className={styles['nowrap']}>{run.host}</td>
      <td className={styles['nowrap']}>
        <ActorName who={run.requestedBy} />
      </td>
      <td className={styles['nowrap']}>
        <Moment at={run.triggeredAt} />
      </td>
      <td className={styles['nowrap']}>{run.durationMs === null ? '' : formatLength(run.durationMs)}</td>
      <td>{run.exitCode ?? run.signal ?? ''}</td>
      <td className={styles['nowrap']}>
        {run.outputBytes > 0 && (
          <span className={styles['download']}>
            <ActionIcon
              component="a"
              href={outputUrl(run.id)}
              download={`${run.action}-${run.id}.log`}
              variant="subtle"
              color="gray"
              aria-label={`Download the output, ${formatBytes(run.outputBytes)}`}
            >
              <IconDownload size={16} aria-hidden />
            </ActionIcon>
          </span>
        )}
      </td>
    </tr>
  );
}
