import { Button } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { liftHold } from '../../data/holds.ts';
import { keys } from '../../data/keys.ts';
import { may, sessionQuery } from '../../data/session.ts';
import type { SeriesStatus } from '../../data/types.ts';
import { Callout } from '../../parts/callout.tsx';
import { CommentDialog } from '../../parts/comment-dialog.tsx';
import { formatBytes, plural } from '../../parts/format.ts';
import { Card } from '../../parts/page.tsx';
import { Ago } from '../../parts/time.tsx';
import { HoldDialog } from './hold-dialog.tsx';
import styles from './storage.module.css';

type Hold = SeriesStatus['held']['holds'][number];

/** What may not be deleted, why, and how much that is. */
export function HoldsCard({ status: { held } }: { readonly status: SeriesStatus }) {
  const [asking, setAsking] = useState(false);
  const session = useQuery(sessionQuery);
  const mayAsk = may(session.data?.me, 'administer');
  const { holds, blocks, bytes, overdueBlocks, overdueBytes, problem } = held;
  return (
    <Card
      title="Holds"
      count={holds.length}
      aside={
        mayAsk && (
          <Button size="xs" variant="default" leftSection={<IconLock size={14} aria-hidden />} onClick={() => setAsking(true)}>
            Hold samples …
          </Button>
        )
      }
    >
      <div className={styles['room']}>
        {problem !== null && (
          <Callout tone="error" title="Everything is held.">
            {problem}
          </Callout>
        )}
        <p className={styles['hint']}>
          {holds.length === 0
            ? 'Nothing is held: samples go when their time is over.'
            : `${plural(blocks, 'file')} of ${formatBytes(bytes)} may not be deleted${overdueBlocks === 0 ? '' : `; ${plural(overdueBlocks, 'block')} of ${formatBytes(overdueBytes)} would be gone by now`}.`}
        </p>
        {holds.length > 0 && (
          <ul className={styles['holds']}>
            {holds.map((hold) => (
              <li key={hold.name}>
                <HoldRow hold={hold} mayLift={mayAsk && hold.since !== null} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {asking && <HoldDialog onClose={() => setAsking(false)} />}
    </Card>
  );
}

function HoldRow({ hold, mayLift }: { readonly hold: Hold; readonly mayLift: boolean }) {
  const queries = useQueryClient();
  const [lifting, setLifting] = useState(false);
  const { name, match, reason, by, since, series, blocks, bytes } = hold;
  return (
    <>
      <div className={styles['hold']}>
        <div>
          <b>{name}</b> <code>{match.join(', ')}</code>
        </div>
        <div className={styles['hint']}>
          {daysOf(hold)}; {plural(series, 'series', 'series')}, keeps {plural(blocks, 'file')} of {formatBytes(bytes)}
        </div>
        <div className={styles['hint']}>
          {reason !== '' && <q>{reason}</q>} {by.replace(/^user:/, '')}
          {since !== null && (
            <>
              {', '}
              <Ago at={since} />
            </>
          )}
        </div>
      </div>
      {mayLift && (
        <Button size="xs" variant="default" onClick={() => setLifting(true)}>
          Lift
        </Button>
      )}
      {lifting && (
        <CommentDialog
          title={`Lift ${name}?`}
          confirm="Lift it"
          danger
          onClose={() => setLifting(false)}
          onConfirm={async (comment) => {
            await liftHold(name, comment);
            await queries.invalidateQueries({ queryKey: keys.seriesStatus });
          }}
        >
          What it kept and is past its time is deleted within seconds, and does not come back.
        </CommentDialog>
      )}
    </>
  );
}

function daysOf({ from, to }: Hold): string {
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  if (from === null) return to === null ? 'all samples, also those to come' : `up to ${day(to)}`;
  return to === null ? `from ${day(from)} on` : `${day(from)} to ${day(to)}`;
}
