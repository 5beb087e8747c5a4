import { Button } from '@mantine/core';
import { IconBolt, IconCheck, IconUserCheck, IconUserMinus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { type AlertVerb, alertQuery, changeAlert } from '../../data/alerts.ts';
import { may, sessionQuery } from '../../data/session.ts';
import type { Alert, AlertDetail } from '../../data/types.ts';
import { alertText } from '../../parts/alert-row.tsx';
import { AlertStateBadge } from '../../parts/alert-state.tsx';
import { Callout } from '../../parts/callout.tsx';
import { CommentDialog } from '../../parts/comment-dialog.tsx';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { RunRows } from '../../parts/run-row.tsx';
import { SeverityBadge, SeverityMark } from '../../parts/severity.tsx';
import { Timeline } from '../../parts/timeline.tsx';
import { Ago } from '../../parts/time.tsx';
import { RecommendationCard } from '../recommendations/recommendation-card.tsx';
import { AboutAlert } from './about-alert.tsx';
import styles from './alert-page.module.css';
import { Told } from './told.tsx';
import { ActOnAlert } from './act-on-alert.tsx';
import { Why } from './why.tsx';

const route = getRouteApi('/shell/alerts/$id');

const DEEDS: Readonly<Record<AlertVerb, { readonly title: string; readonly confirm: string; readonly text: string }>> = {
  acknowledge: {
    title: 'Acknowledge this alert',
    confirm: 'Acknowledge',
    text: 'You say that somebody takes care. Nobody is reminded of it any more while it fires.',
  },
  unacknowledge: { title: 'Take the acknowledgement back', confirm: 'Take back', text: 'The alert counts as unattended again.' },
  resolve: {
    title: 'Resolve this alert by hand',
    confirm: 'Resolve',
    text: 'It ends now. If its rule still finds the cause, it fires again.',
  },
};

export function AlertPage() {
  const { id } = route.useParams();
  const query = useQuery(alertQuery(id));
  const alert = query.data?.alert;
  return (
    <Page
      title={alert?.name ?? 'Alert'}
      back={{ to: '/alerts', label: 'Alerts' }}
      heading={alert === undefined ? undefined : <Heading alert={alert} />}
      {...(alert !== undefined && { subtitle: alertText(alert), actions: <Deeds alert={alert} /> })}
    >
      <Loaded query={query} skeleton={<Rows count={3} height={140} />}>
        {(detail) => <Story detail={detail} />}
      </Loaded>
    </Page>
  );
}

function Heading({ alert }: { readonly alert: Alert }) {
  return (
    <>
      <SeverityMark severity={alert.state === 'resolved' ? 'none' : alert.severity} size={26} />
      {alert.name}
      <AlertStateBadge alert={alert} />
      <SeverityBadge severity={alert.severity} />
    </>
  );
}

function Deeds({ alert }: { readonly alert: Alert }) {
  const { data: session } = useQuery(sessionQuery);
  const [deed, setDeed] = useState<AlertVerb | 'run' | null>(null);
  const close = (): void => setDeed(null);
  const over = alert.state === 'resolved';
  const me = session?.me;
  return (
    <>
      {!over && may(me, 'acknowledge') && alert.acknowledged === null && (
        <Button leftSection={<IconUserCheck size={17} aria-hidden />} onClick={() => setDeed('acknowledge')}>
          Acknowledge
        </Button>
      )}
      {!over && may(me, 'acknowledge') && alert.acknowledged !== null && (
        <Button variant="default" leftSection={<IconUserMinus size={17} aria-hidden />} onClick={() => setDeed('unacknowledge')}>
          Take back
        </Button>
      )}
      {may(me, 'run') && (
        <Button variant="default" leftSection={<IconBolt size={17} aria-hidden />} onClick={() => setDeed('run')}>
          Run an action
        </Button>
      )}
      {!over && may(me, 'resolve') && (
        <Button variant="default" leftSection={<IconCheck size={17} aria-hidden />} onClick={() => setDeed('resolve')}>
          Resolve
        </Button>
      )}
      {deed === 'run' && <ActOnAlert alert={alert} onClose={close} />}
      {deed !== null && deed !== 'run' && (
        <CommentDialog
          title={DEEDS[deed].title}
          confirm={DEEDS[deed].confirm}
          onClose={close}
          onConfirm={(comment) => changeAlert(alert.id, deed, comment)}
        >
          <p style={{ margin: 0 }}>{DEEDS[deed].text}</p>
        </CommentDialog>
      )}
    </>
  );
}

function Story({ detail }: { readonly detail: AlertDetail }) {
  const { alert } = detail;
  const active = detail.recommendations.filter(({ state }) => state === 'active' || state === 'acknowledged');
  const past = detail.recommendations.filter((item) => !active.includes(item));
  return (
    <>
      {alert.acknowledged !== null && alert.state !== 'resolved' && (
        <Callout tone="notice" title={`${alert.acknowledged.by.replace(/^user:/, '')} takes care`}>
          since <Ago at={alert.acknowledged.at} />
          {alert.acknowledged.comment !== '' && `: ${alert.acknowledged.comment}`}
        </Callout>
      )}
      {alert.silentSince !== null && alert.state !== 'resolved' && (
        <Callout tone="unknown" title="No values any more.">
          The rule has nothing to judge since <Ago at={alert.silentSince} />: the alert stands as it last was.
        </Callout>
      )}
      {active.map((item) => (
        <RecommendationCard key={item.id} item={item} atAlert />
      ))}
      <div className={styles['columns']}>
        <div className={styles['column']}>
          <Why detail={detail} />
          <Card title="What was done" flush {...(detail.runs.length > 0 && { count: detail.runs.length })}>
            {detail.runs.length > 0 ? <RunRows runs={detail.runs} /> : <p className={styles['none']}>No action has run for this alert.</p>}
          </Card>
          {past.map((item) => (
            <RecommendationCard key={item.id} item={item} atAlert />
          ))}
          <Told messages={detail.messages} />
        </div>
        <div className={styles['column']}>
          <AboutAlert alert={alert} />
          <Card title="Timeline">
            <Timeline entries={detail.timeline} />
          </Card>
        </div>
      </div>
    </>
  );
}
