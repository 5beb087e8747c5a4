import { Button, CloseButton, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconPlayerPlay, IconRefresh, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { alertQuery } from '../../data/alerts.ts';
import { keys } from '../../data/keys.ts';
import { remember, remembered } from '../../data/remembered.ts';
import { changeRun, runQuery } from '../../data/runs.ts';
import { may, sessionQuery } from '../../data/session.ts';
import { demoQuery, tryDemo } from '../../data/system.ts';
import type { Alert, Demo, Run } from '../../data/types.ts';
import { ErrorCallout } from '../../parts/callout.tsx';
import styles from './demo-card.module.css';
import { demoSteps, isSettled, type Step } from './demo-steps.ts';

/** The newcomer's card: set off a harmless alert, and watch the whole loop at work. */
export function DemoCard() {
  const { data: demo } = useQuery(demoQuery);
  const [hidden, setHidden] = useState(() => remembered('demo-hidden') === true);
  if (demo === undefined || !demo.available || (hidden && !demo.active)) return null;
  const hide = (): void => {
    remember('demo-hidden', true);
    setHidden(true);
  };
  return <Story demo={demo} onHide={hide} />;
}

/** The last alert and run of the demonstration, kept after it is over so that its end can be read. */
function useStory(demo: Demo) {
  const [last, setLast] = useState<Pick<Demo, 'alert' | 'run'>>({ alert: null, run: null });
  const { alert, run } = demo;
  useEffect(() => {
    if (alert !== null || run !== null)
      setLast((before) => ({ alert: alert ?? before.alert, run: alert === null || alert === before.alert ? (run ?? before.run) : run }));
  }, [alert, run]);
  const ids = { alert: alert ?? last.alert, run: run ?? (alert === null || alert === last.alert ? last.run : null) };
  const alertAnswer = useQuery({ ...alertQuery(ids.alert ?? ''), enabled: ids.alert !== null });
  const runAnswer = useQuery({ ...runQuery(ids.run ?? ''), enabled: ids.run !== null });
  return {
    alert: ids.alert === null ? null : (alertAnswer.data?.alert ?? null),
    run: ids.run === null ? null : (runAnswer.data?.run ?? null),
    forget: () => setLast({ alert: null, run: null }),
  };
}

function Story({ demo, onHide }: { readonly demo: Demo; readonly onHide: () => void }) {
  const { data: session } = useQuery(sessionQuery);
  const queries = useQueryClient();
  const { alert, run, forget } = useStory(demo);
  const start = useMutation({
    mutationFn: tryDemo,
    onSuccess: (state) => {
      forget();
      queries.setQueryData(keys.demo, state);
    },
  });
  const told = demo.active || alert !== null;
  const over = !demo.active && alert?.state === 'resolved' && (run === null || isSettled(run));
  return (
    <section className={styles['card']} aria-labelledby="demo-title">
      <div className={styles['head']}>
        <div className={styles['words']}>
          <h2 className={styles['title']} id="demo-title">
            {over ? 'That was the whole loop' : 'See the whole loop once'}
          </h2>
          <p className={styles['text']}>
            {over
              ? 'From signal to remedy: judged, approved, run, verified, recorded. Every step is kept in the archive.'
              : 'One click raises a harmless alert on this machine. Watch Tocsin ask for approval, run the repair, check that it helped, and record it all.'}
          </p>
        </div>
        <div className={styles['buttons']}>
          <Button
            leftSection={over ? <IconRefresh size={16} aria-hidden /> : <IconPlayerPlay size={16} aria-hidden />}
            variant={over ? 'default' : 'filled'}
            loading={start.isPending}
            disabled={demo.active || (told && !over) || !may(session?.me, 'try demo')}
            onClick={() => start.mutate()}
          >
            {over ? 'Try it again' : 'Try it'}
          </Button>
          {!demo.active && <CloseButton aria-label="Hide the demonstration" onClick={onHide} />}
        </div>
      </div>
      {start.isError && <ErrorCallout error={start.error} />}
      {told && <Steps steps={demoSteps(demo, alert, run)} alert={alert} run={run} />}
    </section>
  );
}

function Steps({ steps, alert, run }: { readonly steps: readonly Step[]; readonly alert: Alert | null; readonly run: Run | null }) {
  return (
    <ol className={styles['steps']} aria-label="Progress of the demonstration">
      {steps.map((step, index) => (
        <li
          key={step.name}
          className={styles['step']}
          data-state={step.state}
          {...(step.state === 'now' && { 'aria-current': 'step' as const })}
        >
          <span className={styles['dot']} aria-hidden>
            {step.state === 'done' ? (
              <IconCheck size={16} stroke={2.6} aria-hidden />
            ) : step.state === 'failed' ? (
              <IconX size={16} stroke={2.6} aria-hidden />
            ) : (
              index + 1
            )}
          </span>
          <div className={styles['stepName']}>
            {step.name}
            <VisuallyHidden>, {step.state}</VisuallyHidden>
          </div>
          {step.text !== '' && <p className={styles['stepText']}>{step.text}</p>}
          <StepMore step={step} alert={alert} run={run} />
        </li>
      ))}
    </ol>
  );
}

function StepMore({ step, alert, run }: { readonly step: Step; readonly alert: Alert | null; readonly run: Run | null }): ReactNode {
  const { data: session } = useQuery(sessionQuery);
  if (step.name === 'Alert' && alert !== null && step.state === 'done') {
    return (
      <div className={styles['stepMore']}>
        <Link to="/alerts/$id" params={{ id: alert.id }}>
          See the alert
        </Link>
      </div>
    );
  }
  if (step.name === 'Approval' && run !== null && step.state === 'now' && run.mayDecide && may(session?.me, 'decide'))
    return <ApproveHere run={run} />;
  if (step.name === 'Run' && run !== null && step.state !== 'to come') {
    return (
      <div className={styles['stepMore']}>
        <Link to="/runs/$id" params={{ id: run.id }}>
          See the run
        </Link>
      </div>
    );
  }
  return null;
}

function ApproveHere({ run }: { readonly run: Run }) {
  const approve = useMutation({ mutationFn: () => changeRun(run.id, 'approve', 'Demonstration') });
  return (
    <div className={styles['stepMore']}>
      <Button size="compact-sm" loading={approve.isPending} onClick={() => approve.mutate()}>
        Approve
      </Button>
      <Link to="/runs/$id" params={{ id: run.id }}>
        Look first
      </Link>
      {approve.isError && <ErrorCallout error={approve.error} />}
    </div>
  );
}
