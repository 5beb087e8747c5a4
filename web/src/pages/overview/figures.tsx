import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { overviewQuery } from '../../data/system.ts';
import type { Overview } from '../../data/types.ts';
import { plural } from '../../parts/format.ts';
import { SEVERITIES, SeverityMark, severityWord } from '../../parts/severity.tsx';
import { type Tone, toneClass } from '../../parts/tone.ts';
import styles from './overview.module.css';

/** The state of everything in four numbers, each a way to its page. */
export function Figures() {
  const { data } = useQuery(overviewQuery);
  return (
    <div className={styles['figures']}>
      <Figure name="Firing" to="/alerts" value={data?.alerts.firing} tone={alarmTone(data)}>
        <Severities overview={data} />
      </Figure>
      <Figure name="Awaiting approval" to="/approvals" value={data?.runs.awaitingApproval} tone="warning">
        {data !== undefined && `${plural(data.runs.open, 'run')} open`}
      </Figure>
      <Figure
        name="Hosts connected"
        to="/hosts"
        value={data?.hosts.connected}
        of={data?.hosts.total}
        tone={data !== undefined && data.hosts.connected < data.hosts.total ? 'error' : undefined}
      >
        {data !== undefined && agents(data.hosts)}
      </Figure>
      <Figure name="Fixed in the last day" to="/archive" value={data?.runs.lastDayFixed}>
        {data !== undefined && `${plural(data.runs.lastDay, 'run')}, ${data.runs.lastDaySucceeded} succeeded`}
      </Figure>
    </div>
  );
}

interface Props {
  readonly name: string;
  readonly to: '/alerts' | '/approvals' | '/hosts' | '/archive';
  readonly value: number | undefined;
  readonly of?: number | undefined;
  /** The colour of the number when it is not zero; none: always quiet. */
  readonly tone?: Tone | undefined;
  readonly children: ReactNode;
}

function Figure({ name, to, value, of, tone, children }: Props) {
  const loud = tone !== undefined && value !== undefined && value > 0;
  return (
    <Link to={to} className={styles['figure']}>
      <span className={styles['figureName']}>{name}</span>
      <span className={`${styles['figureValue']} ${tone === undefined ? '' : toneClass(tone)}`} {...(loud && { 'data-loud': '' })}>
        {value ?? '–'}
        {of !== undefined && <small> of {of}</small>}
      </span>
      <span className={styles['figureText']}>{children}</span>
    </Link>
  );
}

function Severities({ overview }: { readonly overview: Overview | undefined }) {
  if (overview === undefined) return null;
  const { alerts } = overview;
  const counts: Readonly<Record<string, number>> = alerts;
  const shown = SEVERITIES.filter((severity) => (counts[severity] ?? 0) > 0);
  if (shown.length === 0) return alerts.pending > 0 ? `${plural(alerts.pending, 'alert')} pending` : 'All quiet';
  return shown.map((severity) => (
    <span key={severity} className={styles['part']} title={severityWord(severity)}>
      <SeverityMark severity={severity} size={14} label={severityWord(severity)} />
      {counts[severity]}
    </span>
  ));
}

function alarmTone(overview: Overview | undefined): Tone {
  if (overview === undefined) return 'quiet';
  return overview.alerts.critical > 0 ? 'critical' : overview.alerts.error > 0 ? 'error' : 'warning';
}

function agents({ total, connected }: Overview['hosts']): string {
  if (total === 0) return 'No agent yet';
  return connected < total ? `${plural(total - connected, 'agent')} silent` : 'All agents report';
}
