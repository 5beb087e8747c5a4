import type { Run } from '../../data/types.ts';

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

/** Runs as CSV (RFC 4180), one line each. A text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function formatCsv(runs: readonly Run[]): string {
  const rows = [COLUMNS.map(([name]) => name), ...runs.map((run) => COLUMNS.map(([, value]) => cell(value(run))))];
  return rows.map((row) => `${row.join(',')}\r\n`).join('');
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function time(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
