import { formatActor } from '../../core/access/actor.ts';
import type { Run } from '../../core/actions/run.ts';
import type { Work } from '../../core/actions/work.ts';
import type { Alert } from '../../core/alerts/alert.ts';
import { formatInstant } from '../../core/base/calendar.ts';
import { escapeHtml } from '../../core/base/escape-html.ts';
import { formatDuration, formatSpan, type Millis } from '../../core/base/time.ts';
import type { OpenedLink } from '../../engine/commands/decision-links.ts';
import type { Page } from './page-frame.ts';
import { viewWork } from './work-view.ts';

export const LONGEST_COMMENT = 4_000;
const LONGEST_VALUE = 2_000;
const VERSION_DIGITS = 12;

export interface PageContext {
  readonly now: Millis;
  readonly externalUrl: string;
}

/** What a link is about, with the form when there is something to be decided. */
export function decisionPage(opened: OpenedLink, token: string, context: PageContext): Page {
  const { link, run, refused } = opened;
  if (refused !== null) return overPage(opened, context, { status: 200, note: refused });
  const word = link.decision === 'approve' ? 'Approve' : 'Reject';
  const title = `${word} ${run.action} on ${run.host}?`;
  const shown = `${describeAction(opened)}${facts(opened, context)}`;
  if (opened.work === null && link.decision === 'approve') {
    const note = 'The action has been changed since this was asked for, so this run of it does not start any more. Ask for it again.';
    return { status: 200, title, content: frame(title, `${shown}<p class="note">${note}</p>`, run, context) };
  }
  const form = `<form method="post" action="../decide"><input type="hidden" name="token" value="${escapeHtml(token)}">
<label for="comment">Comment <span class="quiet">(optional, stays in the record)</span></label><textarea id="comment" name="comment" maxlength="${LONGEST_COMMENT}"></textarea>
<button${link.decision === 'reject' ? ' class="reject"' : ''}>${word}</button>
<p class="quiet small">You decide as <strong>${escapeHtml(link.person)}</strong>. Nothing is decided by opening this page.</p></form>`;
  return { status: 200, title, content: frame(title, `${shown}${form}`, run, context) };
}

/** After the form: what the decision has led to. */
export function decidedPage(opened: OpenedLink, context: PageContext): Page {
  const { run, link } = opened;
  const title = link.decision === 'reject' ? `${run.action} is rejected` : `You approved ${run.action}`;
  const more = run.state === 'awaiting approval' ? ' It still waits for another person.' : '';
  const note = `<p class="note good">${escapeHtml(capital(run.reason))}.${more}</p>`;
  return { status: 200, title, content: frame(title, `${note}${facts(opened, context)}`, run, context) };
}

/** A link that was good and decides nothing now: what became of the run, or why this person may not decide. */
export function overPage(
  opened: OpenedLink,
  context: PageContext,
  { status, note }: { readonly status: number; readonly note: string },
): Page {
  const { run } = opened;
  const waits = run.state === 'awaiting approval';
  const title = waits ? `You cannot decide ${run.action}` : `${run.action}: ${run.state}`;
  const became = waits ? note : `Nothing is to be decided any more. ${capital(run.reason)}.`;
  const body = `<p class="note${waits ? '' : ' good'}">${escapeHtml(became)}</p>${facts(opened, context)}`;
  return { status, title, content: frame(title, body, run, context) };
}

/** The answer to every link that is not valid, whatever is wrong with it. */
export function invalidPage(externalUrl: string): Page {
  const title = 'This link is not valid';
  const text = 'It may have been cut off on its way, or it is too old. What waits for a decision is found in Tocsin.';
  return plainPage(404, { title, text }, externalUrl);
}

/** A page that says one thing. */
export function plainPage(status: number, { title, text }: { readonly title: string; readonly text: string }, externalUrl: string): Page {
  const content = `<main><h1>${escapeHtml(title)}</h1><p class="quiet">${escapeHtml(text)}</p><p>${linkTo(`${externalUrl}/approvals`, 'Open the approvals in Tocsin')}</p></main>`;
  return { status, title, content };
}

function frame(title: string, body: string, run: Run, { externalUrl }: PageContext): string {
  return `<main><h1>${escapeHtml(title)}</h1>${body}</main><footer class="small">${linkTo(`${externalUrl}/runs/${encodeURIComponent(run.id)}`, 'Open this run in Tocsin')} <span class="quiet">(sign in)</span></footer>`;
}

function describeAction({ run, description, work }: OpenedLink): string {
  const about = description === '' ? '' : `<p class="quiet">${escapeHtml(clip(description))}</p>`;
  return `${about}${viewWork(run, work)}`;
}

function facts({ run, alert, work }: OpenedLink, { now, externalUrl }: PageContext): string {
  const rows: string[] = [];
  const row = (name: string, html: string): unknown => rows.push(`<dt>${escapeHtml(name)}</dt><dd>${html}</dd>`);
  row('Action', `${bdi(run.action)} <span class="quiet">version <code>${escapeHtml(run.version.slice(0, VERSION_DIGITS))}</code></span>`);
  if (work?.http) row('Sent by', `the agent of ${bdi(run.host)}`);
  else {
    row('Host', bdi(run.host));
    row('Runs as', run.runAs === null ? 'the user of the agent' : bdi(run.runAs));
  }
  if (work !== null)
    row(
      'Limits',
      `stopped after ${formatDuration(work.timeout)}, at most ${work.outputLimitBytes.toLocaleString('en')} bytes of output kept${memoryText(work)}`,
    );
  if (work !== null && work.collect.length > 0) row('Files kept', `<code>${work.collect.map(bdi).join('\n')}</code>`);
  for (const [name, value] of Object.entries(run.parameters)) row(name, `<code>${bdi(clip(String(value)))}</code>`);
  row('Asked for by', `${bdi(formatActor(run.requestedBy))}, ${formatMoment(run.triggeredAt)}`);
  if (run.comment !== '') row('Because', bdi(clip(run.comment)));
  if (run.alert !== null) row('Alert', describeAlert(alert, `${externalUrl}/alerts/${encodeURIComponent(run.alert)}`));
  row('Decides', bdi(run.approvers.length === 0 ? 'anybody who may approve' : run.approvers.join(', ')));
  if (run.approvalsNeeded > 1) row('Approvals', `${run.approvals.filter(({ approve }) => approve).length} of ${run.approvalsNeeded}`);
  for (const { by, at, approve, comment } of run.approvals) {
    row(
      approve ? 'Approved by' : 'Rejected by',
      `${bdi(formatActor(by))}, ${formatMoment(at)}${comment === '' ? '' : `: ${bdi(clip(comment))}`}`,
    );
  }
  if (run.state === 'awaiting approval') row('Expires', `${formatMoment(run.deadline)}, in ${formatSpan(run.deadline - now)}`);
  return `<dl>${rows.join('')}</dl>`;
}

function describeAlert(alert: Alert | null, address: string): string {
  if (alert === null) return linkTo(address, 'not kept any more');
  const summary = alert.annotations['summary'] ?? alert.annotations['description'] ?? '';
  const state = alert.state === 'resolved' ? 'resolved' : alert.severity;
  return `${linkTo(address, alert.labels['alertname'] ?? 'alert')}, ${escapeHtml(state)}${summary === '' ? '' : `: ${bdi(clip(summary))}`}`;
}

/** Text from outside, which cannot turn the direction of what stands beside it. */
function bdi(text: string): string {
  return `<bdi>${escapeHtml(text)}</bdi>`;
}

function linkTo(address: string, words: string): string {
  return `<a href="${escapeHtml(address)}">${escapeHtml(words)}</a>`;
}

function formatMoment(at: Millis): string {
  return `${formatInstant(at).slice(0, 16).replace('T', ' ')} UTC`;
}

function clip(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function memoryText({ memoryLimitBytes }: Work): string {
  return memoryLimitBytes === null ? '' : `, stopped above ${memoryLimitBytes.toLocaleString('en')} bytes of memory`;
}
