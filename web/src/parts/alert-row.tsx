import { IconUserCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Alert } from '../data/types.ts';
import { AlertStateBadge } from './alert-state.tsx';
import { Badge } from './badge.tsx';
import styles from './rows.module.css';
import { SeverityMark, severityTone, severityWord } from './severity.tsx';
import { Ago } from './time.tsx';

/** What an alert says of itself, in one line. */
export function alertText(alert: Alert): string {
  return alert.annotations['summary'] ?? alert.annotations['description'] ?? alert.annotations['message'] ?? '';
}

function AlertRow({ alert }: { readonly alert: Alert }) {
  const text = alertText(alert);
  const severity = alert.state === 'resolved' ? 'none' : alert.severity;
  return (
    <Link to="/alerts/$id" params={{ id: alert.id }} className={`${styles['row']} ${styles['alert']}`}>
      <SeverityMark severity={severity} {...(alert.state === 'pending' && { label: severityWord(severity) })} />
      <div className={styles['main']}>
        <div className={styles['name']}>{alert.name}</div>
        <div className={styles['text']}>{text === '' ? (alert.host ?? '') : text}</div>
      </div>
      <div className={styles['side']}>
        {alert.acknowledged !== null && alert.state !== 'resolved' && (
          <Badge tone="quiet" mark={<IconUserCheck size={14} aria-hidden />}>
            {alert.acknowledged.by.replace(/^user:/, '')}
          </Badge>
        )}
        {alert.state === 'firing' ? (
          <Badge tone={severityTone(severity)}>{severityWord(severity)}</Badge>
        ) : (
          <AlertStateBadge alert={alert} />
        )}
      </div>
      <div className={styles['when']}>
        <Ago at={alert.resolvedAt ?? alert.firedAt ?? alert.activeAt} />
      </div>
    </Link>
  );
}

export function AlertRows({ alerts }: { readonly alerts: readonly Alert[] }) {
  return (
    <ul className={styles['list']}>
      {alerts.map((alert) => (
        <li key={alert.id}>
          <AlertRow alert={alert} />
        </li>
      ))}
    </ul>
  );
}
