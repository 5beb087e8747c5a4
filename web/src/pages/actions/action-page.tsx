import { Button } from '@mantine/core';
import { IconPlayerPlayFilled } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { actionQuery } from '../../data/actions.ts';
import { runsQuery } from '../../data/runs.ts';
import type { Action } from '../../data/types.ts';
import { Argv } from '../../parts/argv.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { formatLength } from '../../parts/format.ts';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { More } from '../../parts/more.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { RunRows } from '../../parts/run-row.tsx';
import styles from './actions-page.module.css';
import { RunDialog } from './run-dialog.tsx';
import { hintOf } from './values.ts';

const route = getRouteApi('/shell/actions/$name');

export function ActionPage() {
  const { name } = route.useParams();
  const { run } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(actionQuery(name));
  const action = query.data;
  const open = (): void => void navigate({ search: { run: true } });
  const close = (): void => void navigate({ search: {}, replace: true });
  return (
    <Page
      title={name}
      back={{ to: '/actions', label: 'Actions' }}
      {...(action !== undefined && { subtitle: action.description })}
      actions={
        action?.mayRun && (
          <Button leftSection={<IconPlayerPlayFilled size={15} aria-hidden />} onClick={open}>
            Run
          </Button>
        )
      }
    >
      <Loaded query={query} skeleton={<Rows count={2} height={160} />}>
        {(found) => (
          <>
            <About action={found} />
            <LastRuns name={name} />
            {run && found.mayRun && <RunDialog action={found} onClose={close} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function About({ action }: { readonly action: Action }) {
  return (
    <Card title="Definition" aside={action.file === null ? 'built in' : `${action.file}:${action.line}`}>
      <div style={{ display: 'grid', gap: 24 }}>
        <Argv argv={action.command} label="Command with its placeholders" />
        <Facts>
          <Fact name="Runs on">{action.runOn ?? 'the host of the server'}</Fact>
          <Fact name="Runs as">{action.runAs ?? 'the user of the agent'}</Fact>
          <Fact name="Approval">{approvalOf(action)}</Fact>
          <Fact name="Stopped after">{formatLength(action.timeoutMs)}</Fact>
          <Fact name="At once at most">{action.concurrency}</Fact>
          <Fact name="Pause between runs">{action.cooldownMs === 0 ? 'none' : formatLength(action.cooldownMs)}</Fact>
          {action.owner !== '' && <Fact name="Owner">{action.owner}</Fact>}
          {action.tags.length > 0 && <Fact name="Tags">{action.tags.join(', ')}</Fact>}
          <Fact name="Triggers">{action.triggers.join(', ') || 'none'}</Fact>
        </Facts>
        {action.parameters.length > 0 && <Parameters action={action} />}
      </div>
    </Card>
  );
}

function approvalOf({ approval }: Action): string {
  if (approval === null) return 'none';
  const by = approval.by.length === 0 ? 'anybody who may decide' : approval.by.join(', ');
  return `${approval.count > 1 ? `${approval.count} of ` : ''}${by}, within ${formatLength(approval.expiresMs)}`;
}

function Parameters({ action }: { readonly action: Action }) {
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          <th scope="col">Parameter</th>
          <th scope="col">Type</th>
          <th scope="col">Default</th>
          <th scope="col">Meaning</th>
        </tr>
      </thead>
      <tbody>
        {action.parameters.map((parameter) => (
          <tr key={parameter.name}>
            <td>
              <code>{parameter.name}</code>
              {parameter.required && ', required'}
            </td>
            <td>{parameter.type}</td>
            <td>{parameter.default === null ? '' : <code>{String(parameter.default)}</code>}</td>
            <td>{[parameter.description, hintOf(parameter)].filter((part) => part !== '').join(' · ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function LastRuns({ name }: { readonly name: string }) {
  const query = useInfiniteQuery(runsQuery({ action: name }, 10));
  return (
    <Card title="Runs" flush>
      <Loaded query={query}>
        {({ pages }) => {
          const runs = pages.flatMap(({ items }) => items);
          if (runs.length === 0) return <p style={{ margin: 0, padding: '4px 24px 16px', color: 'var(--ink-2)' }}>It has not run yet.</p>;
          return (
            <>
              <RunRows runs={runs} />
              <More pages={query} />
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}
