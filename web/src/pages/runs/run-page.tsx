import { Button } from '@mantine/core';
import { IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { actionQuery } from '../../data/actions.ts';
import { changeRun, runQuery } from '../../data/runs.ts';
import { may, sessionQuery } from '../../data/session.ts';
import type { Run } from '../../data/types.ts';
import { quoteArgv } from '../../../../src/core/actions/argument-parts.ts';
import { CommentDialog } from '../../parts/comment-dialog.tsx';
import { CopyIcon } from '../../parts/copy.tsx';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { RunStateBadge } from '../../parts/run-state.tsx';
import { Timeline } from '../../parts/timeline.tsx';
import { RunDialog } from '../actions/run-dialog.tsx';
import { AboutRun } from './about-run.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { OutputView } from './output-view.tsx';
import { Verdict } from './verdict.tsx';
import { WorkView } from './work-view.tsx';

const route = getRouteApi('/shell/runs/$id');

export function RunPage() {
  const { id } = route.useParams();
  const query = useQuery(runQuery(id));
  const run = query.data?.run;
  return (
    <Page
      title={run === undefined ? 'Run' : `${run.action}, ${run.state}`}
      heading={
        run !== undefined && (
          <>
            {run.action}
            <RunStateBadge state={run.state} />
          </>
        )
      }
      back={{ to: '/archive', label: 'Archive' }}
      actions={run !== undefined && <Deeds run={run} />}
    >
      <Loaded query={query} skeleton={<Rows count={3} height={140} />}>
        {({ run: present, work, timeline }) => (
          <>
            {present.state === 'awaiting approval' && <ApprovalCard run={present} />}
            <Verdict run={present} />
            {present.state !== 'awaiting approval' && (
              <Card title="Exact command" aside={<CopyIcon text={quoteArgv(present.argv)} label="Copy as a shell line" />}>
                <WorkView run={present} work={work} />
              </Card>
            )}
            {present.state !== 'awaiting approval' && <OutputView run={present} />}
            <AboutRun run={present} />
            <Card title="Timeline">
              <Timeline entries={timeline} />
            </Card>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Deeds({ run }: { readonly run: Run }) {
  const { data: session } = useQuery(sessionQuery);
  const [deed, setDeed] = useState<'cancel' | 'again' | null>(null);
  const close = (): void => setDeed(null);
  const mayCancel = !run.final && run.state !== 'cancelling' && may(session?.me, 'cancel');
  return (
    <>
      {mayCancel && (
        <Button variant="default" leftSection={<IconPlayerStop size={17} aria-hidden />} onClick={() => setDeed('cancel')}>
          Cancel the run
        </Button>
      )}
      {run.final && may(session?.me, 'run') && (
        <Button variant="default" leftSection={<IconRefresh size={17} aria-hidden />} onClick={() => setDeed('again')}>
          Run again
        </Button>
      )}
      {deed === 'cancel' && (
        <CommentDialog
          title={`Cancel ${run.action}`}
          confirm="Stop it"
          danger
          onClose={close}
          onConfirm={(comment) => changeRun(run.id, 'cancel', comment)}
        >
          <p style={{ margin: 0 }}>The whole process group is ended: first asked to stop, then forced to.</p>
        </CommentDialog>
      )}
      {deed === 'again' && <Again run={run} onClose={close} />}
    </>
  );
}

function Again({ run, onClose }: { readonly run: Run; readonly onClose: () => void }) {
  const { data: action } = useQuery(actionQuery(run.action));
  if (action === undefined) return null;
  return <RunDialog action={action} initial={run.parameters} onClose={onClose} />;
}
