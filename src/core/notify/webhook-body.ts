import { alertLabels, type Alert } from '../alerts/alert.ts';
import { sortedNames, type Labels } from '../base/labels.ts';
import { formatInstant } from '../base/calendar.ts';
import type { Group, MessageBody, WebhookAlert, WebhookBody } from './group.ts';

const SUBJECT_LIMIT = 300;

/** The end of an alert that still fires, as Go writes the zero time. */
const NOT_ENDED = '0001-01-01T00:00:00Z';

/** What a message is about; `more` alerts are left for the next one. */
export interface Told {
  readonly firing: readonly Alert[];
  readonly resolved: readonly Alert[];
  readonly more: number;
}

/** Everything a channel needs to tell people about the alerts of a group. */
export function describeGroup(
  group: Group,
  told: Told,
  context: { readonly externalUrl: string; readonly advise: (alert: Alert) => Labels },
): MessageBody {
  const { externalUrl, advise } = context;
  const listed = [...told.firing, ...told.resolved];
  // A receiver that was told of a critical alert hears that the critical alert resolved, whatever it eased to in between.
  const toldAs = new Map(group.members.map((member) => [member.alert, member.severity]));
  const alerts = listed.map((alert) => {
    const severity = alert.state === 'resolved' ? (toldAs.get(alert.id) ?? alert.severity) : alert.severity;
    return webhookAlert({ ...alert, severity, annotations: { ...alert.annotations, ...advise(alert) } }, externalUrl);
  });
  const status = told.firing.length > 0 ? 'firing' : 'resolved';
  const webhook: WebhookBody = {
    version: '4',
    groupKey: `${group.route}:${JSON.stringify(group.labels)}`,
    truncatedAlerts: told.more,
    status,
    receiver: group.channel,
    groupLabels: group.labels,
    commonLabels: commonOf(alerts.map((alert) => alert.labels)),
    commonAnnotations: commonOf(alerts.map((alert) => alert.annotations)),
    externalURL: externalUrl,
    alerts,
  };
  const only = listed.length === 1 && told.more === 0 ? listed[0] : undefined;
  return {
    subject: subjectOf(webhook, told.firing.length),
    text: listed.map(describeAlert).join('\n'),
    link: only === undefined ? `${externalUrl}/alerts` : `${externalUrl}/alerts/${only.id}`,
    webhook,
  };
}

function webhookAlert(alert: Alert, externalUrl: string): WebhookAlert {
  return {
    status: alert.state === 'resolved' ? 'resolved' : 'firing',
    labels: alertLabels(alert),
    annotations: alert.annotations,
    startsAt: formatInstant(alert.firedAt ?? alert.activeAt),
    endsAt: alert.resolvedAt === null ? NOT_ENDED : formatInstant(alert.resolvedAt),
    generatorURL: alert.generatorUrl === '' ? `${externalUrl}/alerts/${alert.id}` : alert.generatorUrl,
    fingerprint: alert.fingerprint,
  };
}

function subjectOf(body: WebhookBody, firing: number): string {
  const name = body.commonLabels['alertname'] ?? 'alerts';
  const host = body.commonLabels['instance'];
  const count = body.alerts.length + body.truncatedAlerts;
  const where = host === undefined ? '' : ` on ${host}`;
  const state = body.status === 'resolved' ? 'resolved' : (body.commonLabels['severity'] ?? 'firing');
  const more = body.truncatedAlerts === 0 ? '' : `, ${body.truncatedAlerts} more`;
  return `[${state}] ${clip(name)}${clip(where)}${count > 1 ? ` (${firing} firing, ${body.alerts.length - firing} resolved${more})` : ''}`;
}

function clip(text: string): string {
  return text.length > SUBJECT_LIMIT ? `${text.slice(0, SUBJECT_LIMIT)}...` : text;
}

function describeAlert(alert: Alert): string {
  const state = alert.state === 'resolved' ? 'resolved' : alert.severity;
  const labels = sortedNames(alert.labels).filter((name) => name !== 'alertname');
  const place = labels.map((name) => `${name}=${alert.labels[name]}`).join(', ');
  const summary = alert.annotations['summary'] ?? alert.annotations['description'] ?? '';
  return `${state}: ${alert.labels['alertname'] ?? 'alert'}${place === '' ? '' : ` (${place})`}${summary === '' ? '' : `: ${summary}`}`;
}

function commonOf(sets: readonly Labels[]): Labels {
  const [first, ...others] = sets;
  if (first === undefined) return {};
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => others.every((labels) => labels[name] === value)));
}
