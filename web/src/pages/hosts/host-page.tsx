import { IconChartLine, IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { alertsQuery } from '../../data/alerts.ts';
import { hostQuery } from '../../data/hosts.ts';
import { runsQuery } from '../../data/runs.ts';
import { instantQuery } from '../../data/series.ts';
import { serverNow } from '../../data/server-time.ts';
import type { Host } from '../../data/types.ts';
import { AlertRows } from '../../parts/alert-row.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Fact, Facts, LabelChips } from '../../parts/facts.tsx';
import { formatBytes, formatLength } from '../../parts/format.ts';
import { LinkButton } from '../../parts/link-button.tsx';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { RunRows } from '../../parts/run-row.tsx';
import { SeverityMark, severityOf, severityWord } from '../../parts/severity.tsx';
import { Ago } from '../../parts/time.tsx';
import { type LengthName, lengthOf, rangeOf, stepFor } from '../../plots/ranges.ts';
import { DiskBars } from './disk-bars.tsx';
import { HostChart } from './host-chart.tsx';
import { hostCharts } from './host-charts.ts';
import styles from './host-page.module.css';
import { RangePicker } from './range-picker.tsx';

const route = getRouteApi('/shell/hosts/$name');
const YOUNG_MS = 20 * 60_000;

export function HostPage() {
  const { name } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(hostQuery(name));
  const usual = usualLength(query.data);
  const choose = useCallback((range: LengthName) => void navigate({ search: { range } }), [navigate]);
  return (
    <Page
      title={name}
      heading={<Heading name={name} host={query.data} />}
      back={{ to: '/hosts', label: 'Hosts' }}
      actions={
        <>
          <LinkButton
            to="/explore"
            search={{ q: [`{instance=${JSON.stringify(name)}}`], view: 'table' }}
            variant="default"
            leftSection={<IconChartLine size={17} aria-hidden />}
          >
            Explore its metrics
          </LinkButton>
          <RangePicker search={search} usual={usual} onChoose={choose} />
        </>
      }
    >
      <Loaded query={query} skeleton={<Rows count={1} height={96} />}>
        {(host) => (
          <>
            <AboutHost host={host} />
            <Firing host={name} />
          </>
        )}
      </Loaded>
      {query.error === null && <Charts key={name} name={name} usual={usual} />}
      {query.data !== undefined && <RunsHere host={name} />}
    </Page>
  );
}

/** An hour; for a host that has just appeared a quarter of one, so that its curves are more than a speck. */
function usualLength(host: Host | undefined): LengthName {
  return host !== undefined && serverNow() - host.firstSeenAt < YOUNG_MS ? '15m' : '1h';
}

function Heading({ name, host }: { readonly name: string; readonly host: Host | undefined }) {
  const severity = severityOf(host?.severity ?? 'unknown');
  return (
    <>
      {host !== undefined && <SeverityMark severity={severity} size={24} label={severityWord(severity)} />}
      {name}
      {host !== undefined &&
        (host.connected ? (
          <Badge tone="good" mark={<IconPlugConnected size={15} aria-hidden />}>
            Connected
          </Badge>
        ) : (
          <Badge tone="error" mark={<IconPlugConnectedX size={15} aria-hidden />}>
            Silent
          </Badge>
        ))}
    </>
  );
}

function AboutHost({ host }: { readonly host: Host }) {
  const of = `{instance=${JSON.stringify(host.name)}}`;
  const boot = useQuery(instantQuery(`node_time_seconds${of} - node_boot_time_seconds${of}`)).data?.[0]?.value;
  const cores = useQuery(instantQuery(`count(node_cpu_seconds_total{instance=${JSON.stringify(host.name)},mode="idle"})`)).data?.[0]?.value;
  const memory = useQuery(instantQuery(`node_memory_MemTotal_bytes${of}`)).data?.[0]?.value;
  return (
    <Card>
      <Facts>
        <Fact name="System">{host.os}</Fact>
        <Fact name="Up for">{boot === undefined ? '–' : formatLength(boot * 1000)}</Fact>
        <Fact name="Cores">{cores ?? '–'}</Fact>
        <Fact name="Memory">{memory === undefined ? '–' : formatBytes(memory)}</Fact>
        <Fact name="Agent">
          {host.agentVersion}
          {host.local && ', started by the server'}
        </Fact>
        <Fact name="Last heard">{host.connected ? 'connected now' : <Ago at={host.lastSeenAt} />}</Fact>
        <Fact name="Actions it accepts">{host.allowedActions === null ? 'all' : host.allowedActions.join(', ') || 'none'}</Fact>
        {Object.keys(host.labels).length > 0 && (
          <Fact name="Labels" wide>
            <LabelChips labels={host.labels} />
          </Fact>
        )}
      </Facts>
    </Card>
  );
}

function Firing({ host }: { readonly host: string }) {
  const { data } = useInfiniteQuery(alertsQuery({ state: 'firing,pending', host }, 10));
  const alerts = data?.pages.flatMap(({ items }) => items) ?? [];
  if (alerts.length === 0) return null;
  return (
    <Card title="Fires here" count={alerts.length} flush>
      <AlertRows alerts={alerts} />
    </Card>
  );
}

function Charts({ name, usual }: { readonly name: string; readonly usual: LengthName }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const range = useMemo(() => rangeOf(search, usual), [search, usual]);
  const step = stepFor(lengthOf(range));
  const plans = useMemo(() => hostCharts(name, step), [name, step]);
  const zoom = useCallback(
    (from: number, to: number) => void navigate({ search: { from: Math.round(from), to: Math.round(to) } }),
    [navigate],
  );
  const reset = useCallback(() => void navigate({ search: {} }), [navigate]);
  return (
    <div className={styles['charts']}>
      {plans.map((plan) => (
        <HostChart key={plan.title} plan={plan} range={range} step={step} onZoom={zoom} onReset={reset} />
      ))}
      <DiskBars host={name} />
    </div>
  );
}

function RunsHere({ host }: { readonly host: string }) {
  const { data } = useInfiniteQuery(runsQuery({ host }, 5));
  const runs = data?.pages[0]?.items ?? [];
  if (runs.length === 0) return null;
  return (
    <Card title="Last runs here" flush>
      <RunRows runs={runs} />
    </Card>
  );
}
