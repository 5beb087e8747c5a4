import { formatActor, type Principal } from '../../core/access/actor.ts';
import { whyNotDecide } from '../../core/actions/may-decide.ts';
import { isFinal, type Run } from '../../core/actions/run.ts';
import { alertHost, alertLabels, type Alert } from '../../core/alerts/alert.ts';
import { NEVER } from '../../core/base/time.ts';
import type { Message } from '../../core/notify/group.ts';
import type { AuditEntry } from '../../core/change/change.ts';

/** How records look on the wire; the contract checks the shapes. */
export function viewAlert(alert: Alert) {
  return {
    id: alert.id,
    fingerprint: alert.fingerprint,
    name: alert.labels['alertname'] ?? 'alert',
    rule: alert.rule,
    host: alertHost(alert.labels),
    labels: alertLabels(alert),
    annotations: alert.annotations,
    state: alert.state,
    severity: alert.severity,
    value: alert.value === null || !Number.isFinite(alert.value) ? null : alert.value,
    activeAt: alert.activeAt,
    firedAt: alert.firedAt,
    resolvedAt: alert.resolvedAt,
    silentSince: alert.silentSince,
    acknowledged: alert.acknowledged,
    generatorUrl: alert.generatorUrl,
    updatedAt: alert.updatedAt,
  };
}

export function viewRun(run: Run, principal: Principal) {
  const whyNot = whyNotDecide(run, principal);
  return {
    id: run.id,
    action: run.action,
    state: run.state,
    final: isFinal(run.state),
    reason: run.reason,
    parameters: run.parameters,
    argv: run.argv,
    host: run.host,
    runAs: run.runAs,
    requestedBy: formatActor(run.requestedBy),
    comment: run.comment,
    trigger: run.trigger,
    alert: run.alert,
    approvals: run.approvals.map((decision) => ({ ...decision, by: formatActor(decision.by) })),
    approvalsNeeded: run.approvalsNeeded,
    approvers: run.approvers,
    mayDecide: run.state === 'awaiting approval' && whyNot === null,
    whyNot,
    triggeredAt: run.triggeredAt,
    deadline: run.deadline === NEVER ? null : run.deadline,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    durationMs: run.startedAt === null || run.finishedAt === null ? null : Math.max(0, run.finishedAt - run.startedAt),
    exitCode: run.exitCode,
    signal: run.signal,
    spawnError: run.spawnError,
    outputBytes: run.outputBytes,
    outputTruncated: run.outputTruncated,
    verification: run.verification,
  };
}

export function viewMessage(message: Message) {
  const { id, channel, reason, status, state, attempts, createdAt, sentAt, error } = message;
  return { id, channel, reason, status, state, attempts, createdAt, sentAt, error, subject: message.body.subject };
}

export function viewAudit(entry: AuditEntry) {
  return { id: entry.id, at: entry.at, who: formatActor(entry.who), why: entry.why, about: entry.about };
}
