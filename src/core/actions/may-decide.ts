import { formatActor, type Principal } from '../access/actor.ts';
import { whyDenied } from '../access/allow.ts';
import type { Run } from './run.ts';

/** Why this person cannot let a waiting run start, fit to be shown; null: they can, or nothing waits for a decision. */
export function whyNotDecide(
  run: Pick<Run, 'state' | 'approvals' | 'approvalsNeeded' | 'approvers' | 'requestedBy'>,
  principal: Principal,
): string | null {
  if (run.state !== 'awaiting approval') return null;
  const me = formatActor(principal.actor);
  if (run.approvals.some((decision) => formatActor(decision.by) === me))
    return 'You have decided this already; another person must decide, too.';
  if (run.approvalsNeeded > 1 && formatActor(run.requestedBy) === me) return 'You asked for this run; other persons must decide.';
  return whyDenied(principal, 'decide', { approvers: run.approvers });
}
