import { Button, TextInput } from '@mantine/core';
import { IconHourglassHigh, IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { changeRun, runQuery } from '../../data/runs.ts';
import { may, sessionQuery } from '../../data/session.ts';
import type { Run } from '../../data/types.ts';
import { ActorName } from '../../parts/actor-name.tsx';
import { Callout, ErrorCallout } from '../../parts/callout.tsx';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { Ago, Countdown } from '../../parts/time.tsx';
import styles from './approval-card.module.css';
import { WorkView } from './work-view.tsx';

/** A run that waits for a person: what exactly would run, who asks and why, until when; and the decision. */
export function ApprovalCard({ run }: { readonly run: Run }) {
  const detail = useQuery(runQuery(run.id));
  return (
    <article className={styles['card']} aria-label={`Approval of ${run.action}`}>
      <div className={styles['head']}>
        <h2 className={styles['name']}>
          <Link to="/runs/$id" params={{ id: run.id }}>
            {run.action}
          </Link>
        </h2>
        {run.deadline !== null && (
          <span className={styles['expires']}>
            <IconHourglassHigh size={15} aria-hidden />
            expires in <Countdown at={run.deadline} />
          </span>
        )}
      </div>
      <Asked run={run} />
      <Loaded query={detail} skeleton={<Rows count={1} height={120} />}>
        {({ work }) => <WorkView run={run} work={work} />}
      </Loaded>
      <Given run={run} />
      <Decide run={run} isShown={(detail.data?.work ?? null) !== null} />
    </article>
  );
}

function Asked({ run }: { readonly run: Run }) {
  return (
    <>
      <p className={styles['why']}>
        <ActorName who={run.requestedBy} /> asks to run this
        {run.runAs !== null && (
          <>
            {' '}
            as <strong>{run.runAs}</strong>
          </>
        )}{' '}
        on <strong>{run.host}</strong>, <Ago at={run.triggeredAt} />
        {run.alert !== null && (
          <>
            , because of{' '}
            <Link to="/alerts/$id" params={{ id: run.alert }}>
              this alert
            </Link>
          </>
        )}
        .
      </p>
      {run.comment !== '' && <blockquote className={styles['quote']}>{run.comment}</blockquote>}
    </>
  );
}

function Given({ run }: { readonly run: Run }) {
  if (run.approvalsNeeded < 2 && run.approvals.length === 0) return null;
  return (
    <p className={styles['why']}>
      {run.approvals.filter(({ approve }) => approve).length} of {run.approvalsNeeded} approvals
      {run.approvals.map(({ by, at, comment }) => (
        <span key={`${by}${at}`}>
          {' '}
          · <ActorName who={by} />
          {comment !== '' && `: ${comment}`}
        </span>
      ))}
    </p>
  );
}

/** `isShown`: what would run can be read; nobody approves what is not there to read. */
function Decide({ run, isShown }: { readonly run: Run; readonly isShown: boolean }) {
  const { data: session } = useQuery(sessionQuery);
  const [comment, setComment] = useState('');
  const decide = useMutation({ mutationFn: (verb: 'approve' | 'reject') => changeRun(run.id, verb, comment) });
  if (!run.mayDecide || !may(session?.me, 'decide')) {
    return (
      <Callout tone="quiet" title="You cannot decide this.">
        {run.whyNot ?? 'Nothing is to be decided.'}
      </Callout>
    );
  }
  return (
    <>
      {decide.isError && <ErrorCallout error={decide.error} />}
      <div className={styles['decide']}>
        <TextInput
          aria-label="Comment"
          placeholder="Comment (optional, stays in the record)"
          value={comment}
          maxLength={4000}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        <Button
          leftSection={<IconThumbUp size={17} aria-hidden />}
          loading={decide.isPending && decide.variables === 'approve'}
          disabled={decide.isPending || !isShown}
          onClick={() => decide.mutate('approve')}
        >
          Approve
        </Button>
        <Button
          variant="default"
          leftSection={<IconThumbDown size={17} aria-hidden />}
          loading={decide.isPending && decide.variables === 'reject'}
          disabled={decide.isPending}
          onClick={() => decide.mutate('reject')}
        >
          Reject
        </Button>
      </div>
    </>
  );
}
