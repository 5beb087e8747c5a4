import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import type { Severity } from '../alerts/severity.ts';

/** Alerts that one channel hears of together, and what it has been told of each. */
export interface Group {
  /** Hash of route and group labels. */
  readonly id: string;
  readonly route: string;
  readonly channel: string;
  readonly labels: Labels;
  readonly openedAt: Millis;
  /** When the channel was last told, null before the first message. */
  readonly toldAt: Millis | null;
  readonly members: readonly Member[];
}

/** One alert in a group: what the channel was last told of it, null when nothing yet. */
export interface Member {
  readonly alert: string;
  readonly told: 'firing' | 'resolved' | null;
  readonly severity: Severity | null;
}

/** Why a group speaks now. */
export type NotifyReason = 'first' | 'new alerts' | 'worse' | 'resolved' | 'some resolved' | 'repeat';

/** One text owed to one channel, and what became of it: kept as the record of who was told what. */
export interface Message {
  readonly id: string;
  readonly channel: string;
  readonly group: string | null;
  readonly reason: NotifyReason | 'approval' | 'recommendation' | 'test';
  readonly status: 'firing' | 'resolved' | 'info';
  readonly alerts: readonly string[];
  /** Alertmanager's webhook data (version 4) for alerts; title and text for anything else. */
  readonly body: MessageBody;
  readonly state: 'owed' | 'sending' | 'sent' | 'given up';
  readonly attempts: number;
  readonly createdAt: Millis;
  readonly sentAt: Millis | null;
  /** While `sending`: after this moment another server may take it over. */
  readonly leaseUntil: Millis | null;
  readonly error: string | null;
}

export interface MessageBody {
  readonly subject: string;
  readonly text: string;
  readonly link: string | null;
  readonly webhook: WebhookBody | null;
  /** There when it goes to one person only, who is asked for a decision. It holds no link: that is signed when the message is sent. */
  readonly asked?: Asked;
}

/** Who is asked to decide what. */
export interface Asked {
  readonly run: string;
  /** The name of the user. */
  readonly person: string;
  /** `links`: a link for each decision; `notice`: the person may not decide and is only told. */
  readonly offer: 'links' | 'notice';
  readonly expiresAt: Millis;
}

/** What a message to one person is completed with at the moment it is sent; never stored. */
export interface Personal {
  readonly address: string;
  /** The links that decide in the name of the person; null: none. */
  readonly links: { readonly approve: string; readonly reject: string } | null;
}

/** Alertmanager's webhook message, version 4 (alertmanager notify/webhook, template.Data). Times are RFC 3339. */
export interface WebhookBody {
  readonly version: '4';
  readonly groupKey: string;
  readonly truncatedAlerts: number;
  readonly status: 'firing' | 'resolved';
  readonly receiver: string;
  readonly groupLabels: Labels;
  readonly commonLabels: Labels;
  readonly commonAnnotations: Labels;
  readonly externalURL: string;
  readonly alerts: readonly WebhookAlert[];
}

export interface WebhookAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}
