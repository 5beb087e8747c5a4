import type { Run } from '../../src/core/actions/run.ts';
import { SYSTEM } from '../../src/core/access/actor.ts';
import type { Alert } from '../../src/core/alerts/alert.ts';
import { fingerprint, type Labels } from '../../src/core/base/labels.ts';
import type { Group, Message } from '../../src/core/notify/group.ts';
import type { Advice } from '../../src/core/recommendations/recommendation.ts';
import type { Change, Row, TableName, Tables, Write } from '../../src/core/change/change.ts';

/** A firing alert; `activeAt` is part of its identity. */
export function alertOf(labels: Labels, activeAt: number, rest: Partial<Alert> = {}): Alert {
  const mark = fingerprint(labels);
  return {
    id: `${mark}-${activeAt.toString(36)}`,
    fingerprint: mark,
    rule: null,
    labels,
    annotations: {},
    state: 'firing',
    severity: 'critical',
    value: 1.5,
    activeAt,
    firedAt: activeAt,
    resolvedAt: null,
    levels: { critical: activeAt },
    recoveringSince: null,
    silentSince: null,
    endsAt: null,
    generatorUrl: '',
    acknowledged: null,
    updatedAt: activeAt,
    ...rest,
  };
}

export function runOf(id: string, triggeredAt: number, rest: Partial<Run> = {}): Run {
  return {
    id,
    action: 'clean-disk',
    version: 'v1',
    state: 'queued',
    reason: '',
    parameters: { path: '/var/log', deep: true, days: 7 },
    argv: ['/usr/local/bin/clean-disk', '--path', '/var/log'],
    host: 'web-1',
    runAs: 'storage',
    requestedBy: { kind: 'user', name: 'alice' },
    comment: '',
    trigger: null,
    alert: null,
    approvals: [],
    approvalsNeeded: 0,
    approvers: [],
    triggeredAt,
    deadline: triggeredAt + 1_000,
    fence: 0,
    startedAt: null,
    finishedAt: null,
    exitCode: null,
    signal: null,
    spawnError: null,
    outputBytes: 0,
    outputTruncated: false,
    timeout: 300_000,
    outputLimitBytes: 1_000_000,
    verification: null,
    verifyWithin: null,
    idempotencyKey: null,
    requestHash: 'h',
    ...rest,
  };
}

export function groupOf(id: string, members: Group['members'], rest: Partial<Group> = {}): Group {
  return { id, route: '0', channel: 'ops', labels: { alertname: 'Disk' }, openedAt: 1, toldAt: null, members, ...rest };
}

export function messageOf(id: string, createdAt: number, alerts: readonly string[], rest: Partial<Message> = {}): Message {
  return {
    id,
    channel: 'ops',
    group: 'g1',
    reason: 'first',
    status: 'firing',
    alerts,
    body: { subject: 's', text: 'a "quoted"\nline', link: null, webhook: null },
    state: 'owed',
    attempts: 0,
    createdAt,
    sentAt: null,
    leaseUntil: null,
    error: null,
    ...rest,
  };
}

export function adviceOf(id: string, alert: string, openedAt: number, rest: Partial<Advice> = {}): Advice {
  return {
    id,
    recommendation: 'replace-disk',
    trigger: 'dead-disk',
    alert,
    state: 'active',
    by: null,
    comment: '',
    openedAt,
    closedAt: null,
    ...rest,
  };
}

export function newRow<K extends TableName>(table: K, id: string): Row<K> {
  return { table, id, version: 0, value: null };
}

export function change(writes: readonly Write[], about: readonly string[] = ['test/1'], at = 1_000): Change {
  return { at, who: SYSTEM, why: 'because', about, writes };
}

export function put<K extends TableName>(
  row: Row<K>,
  value: Tables[K],
): { readonly op: 'put'; readonly row: Row<K>; readonly value: Tables[K] } {
  return { op: 'put', row, value };
}
