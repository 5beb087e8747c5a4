import { escapeHtml } from '../base/escape-html.ts';
import { sortedNames } from '../base/labels.ts';
import type { Message, Personal, WebhookAlert } from './group.ts';

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A line of a mail's head has this many characters at most. */
const SUBJECT_LIMIT = 200;
/** A mail shows so much of each label and annotation, so that none is refused for its size. */
const VALUE_LIMIT = 1_000;

const LINKS_SAY = 'Each link opens a page that shows what would run and asks once more. It decides in your name: do not forward this mail.';

const COLOURS: Readonly<Record<string, string>> = {
  critical: '#c92a2a',
  error: '#d9480f',
  warning: '#b35900',
  notice: '#1864ab',
  resolved: '#2b6e3f',
};

/** A message as a mail: plain text, and the same as HTML in which everything from outside is escaped; `links` decide what it asks. */
export function composeMail(message: Message, links: Personal['links'] = null): Mail {
  const subject = message.body.subject.replace(/\s+/g, ' ').slice(0, SUBJECT_LIMIT);
  const alerts = message.body.webhook?.alerts ?? [];
  const more = message.body.webhook?.truncatedAlerts ?? 0;
  const link = message.body.link;
  const textParts = [subject, '', ...(alerts.length === 0 ? [message.body.text] : alerts.map(formatText))];
  if (more > 0) textParts.push(`... and ${more} more.`);
  if (links !== null) textParts.push('', `Approve: ${links.approve}`, '', `Reject: ${links.reject}`, '', LINKS_SAY);
  if (link !== null) textParts.push('', `Open in Tocsin: ${link}`);
  const blocks = alerts.length === 0 ? `<p>${escapeHtml(message.body.text).replaceAll('\n', '<br>')}</p>` : alerts.map(formatHtml).join('');
  const rest = more > 0 ? `<p>... and ${more} more.</p>` : '';
  const open = link === null ? '' : `<p><a href="${escapeHtml(link)}">Open in Tocsin</a></p>`;
  const style = 'font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;max-width:640px';
  return {
    subject,
    text: textParts.join('\n'),
    html: `<div style="${style}"><h2 style="font-size:18px">${escapeHtml(subject)}</h2>${blocks}${rest}${links === null ? '' : formatLinks(links)}${open}</div>`,
  };
}

function formatLinks({ approve, reject }: NonNullable<Personal['links']>): string {
  const button = (href: string, word: string, colours: string): string =>
    `<a href="${escapeHtml(href)}" style="display:inline-block;margin:0 12px 8px 0;padding:10px 22px;border-radius:8px;text-decoration:none;font-weight:600;${colours}">${word}</a>`;
  const buttons = [
    button(approve, 'Approve', 'background:#0b7268;color:#ffffff;border:1px solid #0b7268'),
    button(reject, 'Reject', 'background:#ffffff;color:#16211e;border:1px solid #c7d0cb'),
  ];
  return `<p style="margin:20px 0 0">${buttons.join('')}</p><p style="color:#666;font-size:13px">${LINKS_SAY}</p>`;
}

function clip(text = ''): string {
  return text.length > VALUE_LIMIT ? `${text.slice(0, VALUE_LIMIT)}...` : text;
}

function stateOf(alert: WebhookAlert): string {
  return alert.status === 'resolved' ? 'resolved' : (alert.labels['severity'] ?? 'firing');
}

function formatText(alert: WebhookAlert): string {
  const lines = [`${stateOf(alert).toUpperCase()} ${alert.labels['alertname'] ?? 'alert'}`];
  for (const name of sortedNames(alert.annotations)) lines.push(`  ${name}: ${clip(alert.annotations[name])}`);
  for (const name of sortedNames(alert.labels)) if (name !== 'alertname') lines.push(`  ${name} = ${clip(alert.labels[name])}`);
  lines.push(`  since ${alert.startsAt}${alert.status === 'resolved' ? `, ended ${alert.endsAt}` : ''}`, `  ${alert.generatorURL}`, '');
  return lines.join('\n');
}

function formatHtml(alert: WebhookAlert): string {
  const state = stateOf(alert);
  const colour = COLOURS[state] ?? '#495057';
  const row = (name: string, value: string): string =>
    `<tr><td style="padding:0 12px 0 0;color:#666;vertical-align:top">${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`;
  const rows = [
    ...sortedNames(alert.annotations).map((name) => row(name, clip(alert.annotations[name]))),
    ...sortedNames(alert.labels)
      .filter((name) => name !== 'alertname')
      .map((name) => row(name, clip(alert.labels[name]))),
    row('since', alert.startsAt),
    ...(alert.status === 'resolved' ? [row('ended', alert.endsAt)] : []),
  ];
  const title = `${escapeHtml(state)}: ${escapeHtml(alert.labels['alertname'] ?? 'alert')}`;
  return `<div style="border-left:4px solid ${colour};padding:4px 12px;margin:12px 0"><strong style="color:${colour}">${title}</strong><table>${rows.join('')}</table></div>`;
}
