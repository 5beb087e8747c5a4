import { whyDenied } from '../../core/access/allow.ts';
import { parseDecisionToken, requestDigest, type DecisionLink } from '../../core/actions/decision-link.ts';
import type { Principal } from '../../core/access/actor.ts';
import type { Run } from '../../core/actions/run.ts';
import { describeWork, type Work } from '../../core/actions/work.ts';
import { whyNotTaken } from '../../core/actions/step-run.ts';
import type { Alert } from '../../core/alerts/alert.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import { DAY, type Millis } from '../../core/base/time.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { World } from '../../world.ts';
import { find } from '../change.ts';
import { findPerson } from '../find-person.ts';
import { approveRun, rejectRun } from './runs.ts';

type Part = Pick<World, 'store' | 'clock' | 'random' | 'signLink'>;

/** So long after its end a link still says what became of the run. */
const TELLS_FOR: Millis = 7 * DAY;

/** What a link shows whoever opens it. */
export interface OpenedLink {
  readonly link: DecisionLink;
  readonly run: Run;
  readonly alert: Alert | null;
  /** Why nothing can be decided with it now, null when it can. */
  readonly refused: string | null;
  /** What the action is for; empty when it is gone. */
  readonly description: string;
  /** All that it would do; null when the action has been changed since: then an approval starts nothing. */
  readonly work: Work | null;
}

interface Valid {
  readonly link: DecisionLink;
  readonly run: Run;
  readonly principal: Principal;
  readonly refused: string | null;
}

/** What a token is good for as it was signed, or null when it was not signed here: decided without looking at anything that is stored. */
export function readDecisionToken(world: Pick<World, 'signLink'>, token: string): DecisionLink | null {
  return parseDecisionToken(token, world.signLink);
}

/** What a link is about, for its page; null when there is nothing to be shown to this person any more. It decides nothing. */
export async function openDecisionLink(world: Part, settings: Settings, link: DecisionLink): Promise<OpenedLink | null> {
  const valid = await validate(world, settings, link);
  if (valid === null) return null;
  const { run, refused } = valid;
  const alert = run.alert === null ? null : ((await find(world.store, 'alert', run.alert))?.value ?? null);
  const action = settings.actions.get(run.action);
  const work = action?.version === run.version ? describeWork(action, run.parameters) : null;
  return { link, run, alert, refused, description: action?.description ?? '', work };
}

/** Decides in the name of the person whose link it is, with what that person may do at this moment. */
export async function decideByLink(world: Part, settings: Settings, link: DecisionLink, comment: string): Promise<Result<Run>> {
  const valid = await validate(world, settings, link);
  if (valid === null) return refuse('not_found', 'This link is not valid.');
  const { principal, run } = valid;
  const said = { principal, run: run.id, comment, via: 'mail link' } as const;
  return link.decision === 'approve' ? approveRun(world, said) : rejectRun(world, said);
}

async function validate(world: Part, settings: Settings, link: DecisionLink): Promise<Valid | null> {
  const now = world.clock.now();
  if (now >= link.expiresAt + TELLS_FOR) return null;
  const person = await findPerson(world.store, settings, link.person);
  const row = person === null ? null : await find(world.store, 'run', link.run);
  if (person === null || row === null || requestDigest(row.value) !== link.request) return null;
  const run = row.value;
  const { principal } = person;
  if (whyDenied(principal, 'read') !== null) return null;
  const decision = { by: principal.actor, approve: link.decision === 'approve' };
  const over = run.state === 'awaiting approval' ? null : whyNotTaken(run, decision, now);
  const refused = over ?? whyDenied(principal, 'decide', { approvers: run.approvers }) ?? whyNotTaken(run, decision, now);
  return { link, run, principal, refused };
}
