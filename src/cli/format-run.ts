import type { runs } from '../contract/api/runs.ts';
import type { AnswerOf } from '../contract/infer.ts';
import { type Work, workPairs } from './format-work.ts';
import { formatMoment } from './moments.ts';
import { formatPairs } from './table.ts';

export type Run = AnswerOf<(typeof runs)['approve']>;

/** Everything about one run, a line each. */
export function formatRun(run: Run, work: Work | null = null): string {
  const decisions = run.approvals.map(
    ({ by, approve, comment }) => `${by} says ${approve ? 'yes' : 'no'}${comment === '' ? '' : `: ${comment}`}`,
  );
  const parameters = Object.entries(run.parameters).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return formatPairs([
    ['run', run.id],
    ['action', run.action],
    ['state', run.state],
    ['why', run.reason],
    ['host', run.host],
    ['runs as', run.runAs],
    ['command', run.argv.map(quoteWord).join(' ')],
    ...(work === null ? [] : workPairs(work)),
    ['parameters', parameters.join(' ')],
    ['asked by', `${run.requestedBy} at ${formatMoment(run.triggeredAt)}`],
    ['comment', run.comment],
    ['alert', run.alert],
    ['approvals', decisions.join(', ') || (run.state === 'awaiting approval' ? `${run.approvalsNeeded} needed` : '')],
    ['may approve', run.state === 'awaiting approval' ? run.approvers.join(', ') || 'every operator' : ''],
    ['started', formatMoment(run.startedAt)],
    ['finished', formatMoment(run.finishedAt)],
    ['exit code', run.exitCode === null ? (run.signal ?? '') : String(run.exitCode)],
    ['output', run.outputBytes === 0 ? '' : `${run.outputBytes} bytes${run.outputTruncated ? ', cut' : ''}`],
    ['verified', run.verification],
  ]);
}

/** An argument so that its borders can be seen. */
function quoteWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : JSON.stringify(word);
}
