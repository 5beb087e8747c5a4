import { IconChecks, IconMoonStars } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { alertsQuery } from '../../data/alerts.ts';
import { hostsQuery } from '../../data/hosts.ts';
import { OPEN_STATES, runsQuery } from '../../data/runs.ts';
import type { Host } from '../../data/types.ts';
import { AlertRows } from '../../parts/alert-row.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { RunRows } from '../../parts/run-row.tsx';
import { HostTiles } from '../hosts/host-tiles.tsx';
import { NoHosts } from '../hosts/no-hosts.tsx';
import { DemoCard } from './demo-card.tsx';
import { Figures } from './figures.tsx';
import styles from './overview.module.css';

const SHOWN = 8;

export function OverviewPage() {
  return (
    <Page title="Overview">
      <Figures />
      <DemoCard />
      <div className={styles['columns']}>
        <Firing />
        <Open />
      </div>
      <Hosts />
    </Page>
  );
}

function Firing() {
  const query = useInfiniteQuery(alertsQuery({ state: 'firing,pending' }, SHOWN));
  return (
    <Card title="What fires" flush aside={<Link to="/alerts">All alerts</Link>}>
      <Loaded query={query} skeleton={<Padded />}>
        {({ pages }) => {
          const alerts = pages.flatMap(({ items }) => items).slice(0, SHOWN);
          if (alerts.length > 0) return <AlertRows alerts={alerts} />;
          return (
            <Empty Icon={IconMoonStars} title="All quiet">
              No alert fires. When one does, it appears here within a second.
            </Empty>
          );
        }}
      </Loaded>
    </Card>
  );
}

function Open() {
  const query = useInfiniteQuery(runsQuery({ state: OPEN_STATES }, SHOWN));
  return (
    <Card title="What runs or waits" flush aside={<Link to="/archive">Archive</Link>}>
      <Loaded query={query} skeleton={<Padded />}>
        {({ pages }) => {
          const runs = pages.flatMap(({ items }) => items).slice(0, SHOWN);
          if (runs.length > 0) return <RunRows runs={runs} />;
          return (
            <Empty Icon={IconChecks} title="Nothing to do">
              No action runs and none awaits approval.
            </Empty>
          );
        }}
      </Loaded>
    </Card>
  );
}

function Padded() {
  return (
    <div style={{ padding: '4px 24px 16px' }}>
      <Rows count={3} />
    </div>
  );
}

/** Worst first, so that what needs a look is on the first screen. */
function Hosts() {
  const query = useQuery(hostsQuery);
  return (
    <section aria-labelledby="hosts-title" className={styles['section']}>
      <div className={styles['sectionHead']}>
        <h2 id="hosts-title">Hosts</h2>
        <Link to="/hosts">All hosts</Link>
      </div>
      <Loaded query={query} skeleton={<Rows count={1} height={150} />}>
        {({ items }) => (items.length === 0 ? <NoHosts /> : <HostTiles hosts={worstFirst(items).slice(0, 12)} />)}
      </Loaded>
    </section>
  );
}

function worstFirst(hosts: readonly Host[]): Host[] {
  return hosts.toSorted((a, b) => Number(a.connected) - Number(b.connected) || b.firing - a.firing || (a.name < b.name ? -1 : 1));
}
