import { Button, Progress } from '@mantine/core';
import { IconSnowflake } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { may, sessionQuery } from '../../data/session.ts';
import type { SeriesStatus } from '../../data/types.ts';
import { Callout } from '../../parts/callout.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { formatBytes, formatLength, plural } from '../../parts/format.ts';
import { Card } from '../../parts/page.tsx';
import { Moment } from '../../parts/time.tsx';
import { RecallDialog } from './recall-dialog.tsx';
import styles from './storage.module.css';

/** What is in the cold folder, what came back from it, and the way to bring more back. */
export function ColdCard({ status: { cold, recall, blocks } }: { readonly status: SeriesStatus }) {
  const [asking, setAsking] = useState(false);
  const session = useQuery(sessionQuery);
  if (cold === null && recall === null) return null;
  const there = blocks.items.filter((block) => block.cold);
  const back = blocks.items.filter((block) => block.keptUntil !== null);
  const mayAsk = may(session.data?.me, 'administer') && there.length > 0;
  const isRunning = recall !== null && recall.endedAt === null;
  return (
    <Card
      title="Cold folder"
      count={there.length}
      aside={
        mayAsk && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconSnowflake size={14} aria-hidden />}
            disabled={isRunning}
            onClick={() => setAsking(true)}
          >
            Bring back …
          </Button>
        )
      }
    >
      <div className={styles['room']}>
        {recall !== null && <RecallState recall={recall} />}
        <Facts>
          {cold !== null && (
            <>
              <Fact name="There now">
                {plural(cold.blocks, 'block')}, {formatBytes(cold.bytes)}
              </Fact>
              <Fact name="Older than">{cold.after === null ? 'no longer configured' : formatLength(cold.after)}</Fact>
            </>
          )}
          {back.length > 0 && (
            <Fact name="Back for a while">
              {plural(back.length, 'block')}, {formatBytes(back.reduce((sum, { bytes }) => sum + bytes, 0))}, until{' '}
              <Moment at={Math.max(...back.map(({ keptUntil }) => keptUntil ?? 0))} />
            </Fact>
          )}
        </Facts>
      </div>
      {asking && (
        <RecallDialog
          range={{ start: Math.min(...there.map(({ from }) => from)), end: Math.max(...there.map(({ to }) => to)) }}
          onClose={() => setAsking(false)}
        />
      )}
    </Card>
  );
}

function RecallState({ recall }: { readonly recall: NonNullable<SeriesStatus['recall']> }) {
  const { blocks, done, failed, endedAt } = recall;
  if (endedAt === null) {
    return (
      <div className={styles['progress']} role="status">
        <span>
          {done} of {plural(blocks, 'block')} {done === 1 ? 'is' : 'are'} back
        </span>
        <Progress value={blocks === 0 ? 0 : (100 * (done + failed.length)) / blocks} aria-label="Blocks that are back" />
      </div>
    );
  }
  if (failed.length === 0) return null;
  return (
    <Callout tone="warning" title={`${plural(failed.length, 'block')} did not come back.`}>
      <ul className={styles['failed']}>
        {failed.slice(0, 5).map(({ name, problem }) => (
          <li key={name}>
            <code>{name}</code>: {problem}
          </li>
        ))}
      </ul>
      {failed.length > 5 && `and ${failed.length - 5} more`}
    </Callout>
  );
}
