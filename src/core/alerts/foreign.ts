import { parseInstant } from '../base/calendar.ts';
import { fingerprint, withoutLabels, type Labels } from '../base/labels.ts';
import { formatSpan, MINUTE, NEVER, type Millis } from '../base/time.ts';
import type { Alert } from './alert.ts';
import { compareSeverity, severityFromLabel } from './severity.ts';
import { alertId, type AlertStep } from './step.ts';

/** An alert as another system states it: Prometheus' POST /api/v2/alerts or one alert of Alertmanager's webhook. */
export interface ForeignAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: Millis | null;
  readonly endsAt: Millis | null;
  readonly generatorUrl: string;
  /** What the sender says; null: decided by `endsAt` alone. */
  readonly status: 'firing' | 'resolved' | null;
}

/** An alert without an end that nobody repeats is over after this time: Alertmanager's `resolve_timeout`. */
const RESOLVE_TIMEOUT: Millis = 5 * MINUTE;

/** The labels that identify a foreign alert here: all but the severity, which may change during its life. */
export function foreignIdentity(labels: Labels): Labels {
  return withoutLabels(labels, 'severity');
}

/**
 * What a foreign statement does to the open alert with the same labels. Firing and resolved are told apart by the status if there is one,
 * else by an end that has passed. A repeated statement moves the end and nothing else; the end of something never seen opens nothing.
 */
export function stepForeign(previous: Alert | null, stated: ForeignAlert, now: Millis): AlertStep {
  const over = stated.status === 'resolved' || (stated.status === null && stated.endsAt !== null && stated.endsAt <= now);
  if (over) {
    if (previous === null) return { alert: null, transition: null, why: 'resolved, and was not open here', wakeAt: NEVER };
    return resolveForeign(
      previous,
      Math.min(now, Math.max(stated.endsAt ?? now, previous.activeAt)),
      isOwn(previous) ? 'resolved: it is over' : 'resolved by its sender',
      now,
    );
  }
  const severity = severityFromLabel(stated.labels['severity']);
  // Whoever says that it fires counts for more than an end that has passed.
  const lasting = stated.status === 'firing' && (stated.endsAt === null || stated.endsAt <= now);
  const endsAt = lasting ? null : (stated.endsAt ?? now + RESOLVE_TIMEOUT);
  const wakeAt = endsAt ?? NEVER;
  if (previous !== null) {
    const alert = { ...previous, annotations: stated.annotations, endsAt, severity, generatorUrl: stated.generatorUrl, updatedAt: now };
    const change = compareSeverity(severity, previous.severity);
    const transition = change < 0 ? 'worse' : change > 0 ? 'better' : null;
    return { alert, transition, why: transition === null ? 'repeated' : `${previous.severity} -> ${severity}`, wakeAt };
  }
  const labels = foreignIdentity(stated.labels);
  const print = fingerprint(labels);
  const alert: Alert = {
    id: alertId(print, now),
    fingerprint: print,
    rule: null,
    labels,
    annotations: stated.annotations,
    state: 'firing',
    severity,
    value: null,
    activeAt: Math.min(stated.startsAt ?? now, now),
    firedAt: now,
    resolvedAt: null,
    levels: {},
    recoveringSince: null,
    silentSince: null,
    endsAt,
    generatorUrl: stated.generatorUrl,
    acknowledged: null,
    updatedAt: now,
  };
  return {
    alert,
    transition: 'fired',
    why: isOwn(alert) ? `fires: ${stated.annotations['summary'] ?? ''}` : 'fires: reported by another system',
    wakeAt,
  };
}

/** Whether Tocsin raised the alert about itself. */
export function isOwn(alert: Pick<Alert, 'labels' | 'rule'>): boolean {
  return alert.rule === null && alert.labels['source'] === 'tocsin';
}

/** The moment of a foreign alert has come: it ends if nobody has repeated it. */
export function expireForeign(previous: Alert, now: Millis): AlertStep {
  if (previous.endsAt === null || previous.endsAt > now)
    return { alert: previous, transition: null, why: 'still stated', wakeAt: previous.endsAt ?? NEVER };
  return resolveForeign(previous, previous.endsAt, `resolved: not repeated for ${formatSpan(Math.max(0, now - previous.updatedAt))}`, now);
}

function resolveForeign(previous: Alert, at: Millis, why: string, now: Millis): AlertStep {
  return { alert: { ...previous, state: 'resolved', resolvedAt: at, updatedAt: now }, transition: 'resolved', why, wakeAt: NEVER };
}

/** Reads the times of a foreign statement; Go's zero time and nonsense mean "not said". */
export function parseMoment(text: string | undefined): Millis | null {
  return text === undefined || text.startsWith('0001-01-01') ? null : parseInstant(text);
}
