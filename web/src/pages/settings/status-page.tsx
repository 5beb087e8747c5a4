import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconClock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { dueQuery, statusQuery } from '../../data/system.ts';
import type { PartStatus } from '../../data/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Empty } from '../../parts/empty.tsx';
import { formatFigure } from '../../parts/format.ts';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { Ago, Lasted } from '../../parts/time.tsx';
import styles from './settings.module.css';

/** How the server itself is, part by part, and what it will do next. */
export function StatusPage() {
  const query = useQuery(statusQuery);
  return (
    <Page
      title="Status"
      subtitle={
        query.data !== undefined && (
          <>
            Tocsin {query.data.version}, up for <Lasted from={query.data.startedAt} to={null} />
          </>
        )
      }
    >
      <Loaded query={query} skeleton={<Rows count={3} height={110} />}>
        {({ parts }) => (
          <ul className={styles['parts']}>
            {parts.map((part) => (
              <li key={part.name}>
                <Part part={part} />
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <Next />
    </Page>
  );
}

function Part({ part }: { readonly part: PartStatus }) {
  return (
    <article className={styles['part']} aria-label={part.name}>
      <div className={styles['partHead']}>
        <div className={styles['partName']}>{part.name}</div>
        <PartBadge state={part.state} />
      </div>
      {part.message !== '' && <p className={styles['partText']}>{part.message}</p>}
      <dl className={styles['figures']}>
        {Object.entries(part.figures).map(([key, value]) => {
          const { name, text } = formatFigure(key, value);
          return (
            <div key={key}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          );
        })}
      </dl>
    </article>
  );
}

function PartBadge({ state }: { readonly state: PartStatus['state'] }) {
  switch (state) {
    case 'ok':
      return (
        <Badge tone="good" mark={<IconCircleCheck size={15} aria-hidden />}>
          OK
        </Badge>
      );
    case 'degraded':
      return (
        <Badge tone="warning" mark={<IconAlertTriangle size={15} aria-hidden />}>
          Degraded
        </Badge>
      );
    case 'down':
      return (
        <Badge tone="critical" mark={<IconCircleX size={15} aria-hidden />}>
          Down
        </Badge>
      );
  }
}

function Next() {
  const query = useQuery(dueQuery);
  return (
    <Card title="What happens next" flush>
      <Loaded query={query}>
        {({ items }) => {
          if (items.length === 0) return <Empty Icon={IconClock} title="Nothing is planned" />;
          return (
            <ul className={styles['list']}>
              {items.slice(0, 30).map((due) => (
                <li key={`${due.kind}/${due.id}`}>
                  <div className={styles['grow']}>{due.what}</div>
                  {due.failures > 0 && <Badge tone="error">{due.failures} failed attempts</Badge>}
                  <span className={styles['meta']}>
                    <Ago at={due.at} />
                  </span>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Card>
  );
}
