import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import type { LevelName, Severity } from './severity.ts';

export type AlertState = 'pending' | 'firing' | 'resolved';

/**
 * One abnormality with a life: pending -> firing -> resolved. It is identified among the open ones by the fingerprint of its labels;
 * a later abnormality of the same target is another alert with an id of its own.
 */
export interface Alert {
  /** `fingerprint-<activeAt in base 36>`: unique for ever, and the same for two servers that judge the same fact. */
  readonly id: string;
  readonly fingerprint: string;
  /** Which rule judges it, or null for an alert that another system sent. */
  readonly rule: string | null;
  /** Without severity, which changes during a life; `alertLabels` adds it. */
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: AlertState;
  readonly severity: Severity;
  /** The value last judged, null for foreign alerts. */
  readonly value: number | null;
  /** When the abnormality was first seen. */
  readonly activeAt: Millis;
  /** When it began to fire, null while pending. */
  readonly firedAt: Millis | null;
  readonly resolvedAt: Millis | null;
  /** Since when the condition of each level holds without interruption. */
  readonly levels: Readonly<Partial<Record<LevelName, Millis>>>;
  /** Since when the recovery condition holds, null while it does not. */
  readonly recoveringSince: Millis | null;
  /** Since when there is no value to judge, null while there is one. */
  readonly silentSince: Millis | null;
  /** For foreign alerts: when they end if nobody repeats them. */
  readonly endsAt: Millis | null;
  readonly generatorUrl: string;
  readonly acknowledged: Acknowledgement | null;
  readonly updatedAt: Millis;
}

export interface Acknowledgement {
  readonly by: string;
  readonly at: Millis;
  readonly comment: string;
}

/** The labels that routes, triggers and receivers see: the alert's own and its present severity. */
export function alertLabels(alert: Pick<Alert, 'labels' | 'severity'>): Labels {
  return { ...alert.labels, severity: alert.severity };
}

/** The host an alert is about: its `instance` label without a port, or null. */
export function alertHost(labels: Labels): string | null {
  const instance = labels['instance'] ?? labels['host'];
  if (instance === undefined || instance === '') return null;
  return /^(\[.+\]|[^:]+):\d+$/.exec(instance)?.[1] ?? instance;
}
