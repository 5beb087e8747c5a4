import { sql } from 'kysely';
import { formatActor } from '../../core/access/actor.ts';
import { isFinal, type Run } from '../../core/actions/run.ts';
import type { Found } from '../../core/change/change.ts';
import { millisColumn, optionalMillisColumn, parseJson, searchColumn } from './column.ts';
import type { Dialect } from './dialect.ts';
import { type Columns, keep, type Keeper } from './noun.ts';
import type { RunTable } from './schema.ts';

export interface RunReads {
  openRuns(by: { readonly action?: string; readonly alert?: string | undefined; readonly host?: string }): Promise<readonly Found<'run'>[]>;
  runsToVerify(alert: string): Promise<readonly Found<'run'>[]>;
  runByIdempotencyKey(key: string): Promise<Found<'run'> | null>;
}

export function runReads(dialect: Dialect, runs: Keeper<'run'>): RunReads {
  const all = dialect.build.selectFrom('run').selectAll();
  const verify = all.where('alert', '=', '').where('verification', '=', sql.lit('waiting')).where('open', '=', sql.lit(0)).compile();
  const byKey = all.where('idempotency_key', '=', '').compile();
  return {
    openRuns: async ({ action, alert, host }) => {
      let query = all.where('open', '=', sql.lit(1));
      if (action !== undefined) query = query.where('action', '=', action);
      if (alert !== undefined) query = query.where('alert', '=', alert);
      if (host !== undefined) query = query.where('host', '=', host);
      return runs.found(await dialect.rows(query));
    },
    runsToVerify: async (alert) => runs.found(await dialect.rows(verify, [alert])),
    runByIdempotencyKey: async (key) => (await runs.found(await dialect.rows(byKey, [key])))[0] ?? null,
  };
}

export function keepRuns(dialect: Dialect): Keeper<'run'> {
  return keep(dialect, { table: 'run', encode: encodeRun, decodeAll: async (rows) => rows.map(decodeRun) });
}

function encodeRun(run: Run): Columns<'run'> {
  const texts = [run.id, run.action, run.host, formatActor(run.requestedBy), run.trigger ?? '', run.reason, run.comment];
  return {
    id: run.id,
    action: run.action,
    action_version: run.version,
    open: isFinal(run.state) ? 0 : 1,
    state: run.state,
    reason: run.reason,
    parameters: JSON.stringify(run.parameters),
    argv: JSON.stringify(run.argv),
    host: run.host,
    run_as: run.runAs,
    requested_kind: run.requestedBy.kind,
    requested_name: run.requestedBy.name,
    comment: run.comment,
    trigger: run.trigger,
    alert: run.alert,
    approvals: JSON.stringify(run.approvals),
    approvals_needed: run.approvalsNeeded,
    approvers: JSON.stringify(run.approvers),
    triggered_at: millisColumn(run.triggeredAt),
    deadline: millisColumn(run.deadline),
    fence: run.fence,
    started_at: optionalMillisColumn(run.startedAt),
    finished_at: optionalMillisColumn(run.finishedAt),
    exit_code: run.exitCode,
    signal: run.signal,
    spawn_error: run.spawnError,
    output_bytes: run.outputBytes,
    output_truncated: run.outputTruncated ? 1 : 0,
    timeout: millisColumn(run.timeout),
    output_limit_bytes: run.outputLimitBytes,
    verification: run.verification,
    verify_within: optionalMillisColumn(run.verifyWithin),
    idempotency_key: run.idempotencyKey,
    request_hash: run.requestHash,
    search: searchColumn([...texts, ...run.argv, ...Object.values(run.parameters).map(String)]),
  };
}

export function decodeRun(row: RunTable): Run {
  return {
    id: row.id,
    action: row.action,
    version: row.action_version,
    state: row.state,
    reason: row.reason,
    parameters: parseJson(row.parameters),
    argv: parseJson(row.argv),
    host: row.host,
    runAs: row.run_as,
    requestedBy: { kind: row.requested_kind, name: row.requested_name },
    comment: row.comment,
    trigger: row.trigger,
    alert: row.alert,
    approvals: parseJson(row.approvals),
    approvalsNeeded: row.approvals_needed,
    approvers: parseJson(row.approvers),
    triggeredAt: row.triggered_at,
    deadline: row.deadline,
    fence: row.fence,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    exitCode: row.exit_code,
    signal: row.signal,
    spawnError: row.spawn_error,
    outputBytes: row.output_bytes,
    outputTruncated: row.output_truncated === 1,
    timeout: row.timeout,
    outputLimitBytes: row.output_limit_bytes,
    verification: row.verification,
    verifyWithin: row.verify_within,
    idempotencyKey: row.idempotency_key,
    requestHash: row.request_hash,
  };
}
