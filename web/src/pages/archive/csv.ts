import type { Run } from '../../data/types.ts';
import { csvText } from '../../parts/csv-cell.ts';

const COLUMNS: readonly (readonly [string, (run: Run) => string | number | null])[] = [
  ['id', (run) => run.id],
  ['action', (run) => run.action],
  ['state', (run) => run.state],
  ['verification', (run) => run.verification],
  ['host', (run) => run.host],
  ['requested by', (run) => run.requestedBy],
  ['approvals', (run) => run.approvals.map(({ by, approve }) => `${approve ? 'approved' : 'rejected'} by ${by}`).join('; ')],
  ['trigger', (run) => run.trigger],
  ['alert', (run) => run.alert],
  ['triggered', (run) => time(run.triggeredAt)],
  ['started', (run) => time(run.startedAt)],
  ['finished', (run) => time(run.finishedAt)],
  ['duration ms', (run) => run.durationMs],
  ['exit code', (run) => run.exitCode],
  ['signal', (run) => run.signal],
  ['start error', (run) => run.spawnError],
  ['reason', (run) => run.reason],
  ['comment', (run) => run.comment],
  ['runs as', (run) => run.runAs],
  ['command', (run) => JSON.stringify(run.argv)],
  ['output bytes', (run) => run.outputBytes],
];

/** Runs as CSV, one line each. */
export function formatCsv(runs: readonly Run[]): string {
  return csvText([COLUMNS.map(([name]) => name), ...runs.map((run) => COLUMNS.map(([, value]) => value(run)))]);
}

function time(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
