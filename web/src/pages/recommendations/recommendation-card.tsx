import { Button, Skeleton } from '@mantine/core';
import { IconBook2, IconCircleCheck, IconCircleX, IconFileDownload, IconPhone, IconUser, IconUserCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { base } from '../../data/base.ts';
import { changeRecommendation, type RecommendationVerb } from '../../data/recommendations.ts';
import { may, sessionQuery } from '../../data/session.ts';
import type { Recommendation } from '../../data/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { CommentDialog } from '../../parts/comment-dialog.tsx';
import { formatBytes } from '../../parts/format.ts';
import { Ago } from '../../parts/time.tsx';
import type { Tone } from '../../parts/tone.ts';
import styles from './recommendation-card.module.css';

const Markdown = lazy(() => import('../../parts/markdown.tsx').then((module) => ({ default: module.Markdown })));

const STATES: Readonly<Record<Recommendation['state'], readonly [Tone, string]>> = {
  active: ['accent', 'Active'],
  acknowledged: ['notice', 'Somebody follows it'],
  helped: ['good', 'Helped'],
  'did not help': ['error', 'Did not help'],
  over: ['quiet', 'Over'],
};

interface Props {
  readonly item: Recommendation;
  /** It stands on the page of its alert: the way there is not needed. */
  readonly atAlert?: true;
}

/** What a person should do where no action can: who, how, with which documents; and whether it helped. */
export function RecommendationCard({ item, atAlert }: Props) {
  const [tone, word] = STATES[item.state];
  const over = item.closedAt !== null;
  return (
    <article className={styles['card']} aria-label={`Recommendation: ${item.title}`} {...(over && { 'data-over': '' })}>
      <div className={styles['head']}>
        <h2 className={styles['title']}>
          <IconBook2 size={20} aria-hidden />
          {item.title}
        </h2>
        <Badge tone={tone}>{word}</Badge>
      </div>
      <div className={styles['meta']}>
        {!atAlert && (
          <span>
            for{' '}
            <Link to="/alerts/$id" params={{ id: item.alert }}>
              {item.alertName}
            </Link>
            {item.host !== null && ` on ${item.host}`}
          </span>
        )}
        <Ago at={item.openedAt} />
        {item.by !== null && <span>by {item.by.replace(/^user:/, '')}</span>}
        {item.comment !== '' && <span>“{item.comment}”</span>}
      </div>
      <People item={item} />
      <Suspense fallback={<Skeleton height={80} radius="md" />}>
        <Markdown text={item.instructions} />
      </Suspense>
      <Documents item={item} />
      {!over && <Feedback item={item} />}
    </article>
  );
}

function People({ item }: Props) {
  if (item.responsible === '' && item.contact === '') return null;
  return (
    <div className={styles['people']}>
      {item.responsible !== '' && (
        <span>
          <IconUser size={16} aria-hidden />
          Responsible: {item.responsible.replace(/^(user|team):/, '')}
        </span>
      )}
      {item.contact !== '' && (
        <span>
          <IconPhone size={16} aria-hidden />
          {item.contact}
        </span>
      )}
    </div>
  );
}

function Documents({ item }: Props) {
  if (item.documents.length === 0) return null;
  return (
    <ul className={styles['documents']} aria-label="Documents">
      {item.documents.map(({ name, url, bytes }) => (
        <li key={url}>
          <Button
            component="a"
            href={url.startsWith('/') ? base + url : url}
            download={name}
            size="xs"
            variant="default"
            leftSection={<IconFileDownload size={15} aria-hidden />}
          >
            {name}
            {bytes !== null && `, ${formatBytes(bytes)}`}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function Feedback({ item }: Props) {
  const { data: session } = useQuery(sessionQuery);
  const [verb, setVerb] = useState<RecommendationVerb | null>(null);
  if (!may(session?.me, 'acknowledge')) return null;
  const titles: Record<RecommendationVerb, string> = { acknowledge: 'I follow it', helped: 'It helped', 'did-not-help': 'It did not help' };
  return (
    <div className={styles['buttons']}>
      {item.state === 'active' && (
        <Button leftSection={<IconUserCheck size={17} aria-hidden />} onClick={() => setVerb('acknowledge')}>
          I follow it
        </Button>
      )}
      <Button variant="default" leftSection={<IconCircleCheck size={17} aria-hidden />} onClick={() => setVerb('helped')}>
        It helped
      </Button>
      <Button variant="default" leftSection={<IconCircleX size={17} aria-hidden />} onClick={() => setVerb('did-not-help')}>
        It did not help
      </Button>
      {verb !== null && (
        <CommentDialog
          title={item.title}
          confirm={titles[verb]}
          onClose={() => setVerb(null)}
          onConfirm={(comment) => changeRecommendation(item.id, verb, comment)}
        />
      )}
    </div>
  );
}
