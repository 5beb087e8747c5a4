import { whyDenied } from '../../core/access/allow.ts';
import { formatActor, type Principal } from '../../core/access/actor.ts';
import type { Decision, Run } from '../../core/actions/run.ts';
import type { RunEvent } from '../../core/actions/step-run.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import { sha256 } from '../../core/base/sha256.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { World } from '../../world.ts';
import { applyRunEvent } from '../act.ts';
import { decideAndCommit, find } from '../change.ts';
import { describeRequest, requestRun, type RunRequest } from '../request-run.ts';

type Part = Pick<World, 'store' | 'clock' | 'random'>;

export interface AskedRun {
  readonly principal: Principal;
  readonly action: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly comment: string;
  /** The alert it is meant to fix, null when none. */
  readonly alert: string | null;
  readonly idempotencyKey: string | null;
}

/**
 * A person or machine asks for a run. Every attempt of somebody known is archived, also one that is refused; the same idempotency key of
 * the same asker gives the same run, and stands for one request only.
 */
export async function askForRun(world: Part, settings: Settings, asked: AskedRun): Promise<Result<Run>> {
  const { principal } = asked;
  const denied = whyDenied(principal, 'run', { action: asked.action });
  if (denied !== null) return refuse('forbidden', denied);
  const key = asked.idempotencyKey === null ? null : `${formatActor(principal.actor)}/${asked.idempotencyKey}`;
  const requestHash = sha256(JSON.stringify([asked.action, Object.entries(asked.parameters).sort(), asked.alert]));
  const id = `r${world.random.id()}`;
  return decideAndCommit<Result<Run>>(world, async () => {
    const earlier = key === null ? null : await world.store.runByIdempotencyKey(key);
    if (earlier !== null) return { change: null, answer: sameOrConflict(earlier.value, requestHash) };
    const alert = asked.alert === null ? null : await find(world.store, 'alert', asked.alert);
    const problems = asked.alert !== null && alert === null ? [{ path: 'alert', message: `there is no alert ${asked.alert}` }] : [];
    const request: RunRequest = {
      id,
      action: asked.action,
      parameters: asked.parameters,
      requestedBy: principal.actor,
      comment: asked.comment,
      alert: alert === null ? null : asked.alert,
      trigger: null,
      target: '',
      repeats: null,
      idempotencyKey: key,
      requestHash,
      problems,
      alongside: [],
    };
    const { run, writes, problems: wrong } = await requestRun(world, settings, request, world.clock.now());
    const about = [`run/${run.id}`, ...(run.alert === null ? [] : [`alert/${run.alert}`])];
    const answer: Result<Run> = run.state === 'refused' ? refusedBy(settings, asked.action, run, wrong) : { ok: run };
    return { change: { who: principal.actor, why: describeRequest(run), about, writes }, answer };
  });
}

function refusedBy(
  settings: Settings,
  action: string,
  run: Run,
  problems: readonly { readonly path?: string; readonly message: string }[],
): Result<Run> {
  if (!settings.actions.has(action)) return refuse('not_found', `There is no action named ${action.slice(0, 100)}.`);
  const code = problems.some((problem) => problem.path !== undefined) ? 'bad_request' : 'conflict';
  return refuse(code, `Refused (archived as run ${run.id}): ${run.reason}`, problems);
}

function sameOrConflict(run: Run, requestHash: string): Result<Run> {
  if (run.requestHash !== requestHash) return refuse('conflict', 'This Idempotency-Key was used for another request.');
  // What was refused then is not answered with success now.
  const wasRefused = run.state === 'refused' && run.fence === 0;
  return wasRefused ? refuse('conflict', `Refused (archived as run ${run.id}): ${run.reason}`) : { ok: run };
}

/** What a person says to a run. */
export interface SaidToRun {
  readonly principal: Principal;
  readonly run: string;
  readonly comment: string;
  /** How it was said, where not by somebody signed in. */
  readonly via?: Decision['via'];
}

export function approveRun(world: Part, said: SaidToRun): Promise<Result<Run>> {
  return decide(world, said, { approve: true });
}

export function rejectRun(world: Part, said: SaidToRun): Promise<Result<Run>> {
  return decide(world, said, { approve: false });
}

async function decide(world: Part, said: SaidToRun, { approve }: { readonly approve: boolean }): Promise<Result<Run>> {
  const row = await find(world.store, 'run', said.run);
  if (row === null) return notFound(said.run);
  const denied = whyDenied(said.principal, 'decide', { approvers: row.value.approvers });
  if (denied !== null) return refuse('forbidden', denied);
  const { via } = said;
  const decision = { by: said.principal.actor, at: world.clock.now(), approve, comment: said.comment, ...(via !== undefined && { via }) };
  return apply(world, said, { type: 'decided', decision });
}

export async function cancelRun(world: Part, said: SaidToRun): Promise<Result<Run>> {
  const denied = whyDenied(said.principal, 'cancel');
  if (denied !== null) return refuse('forbidden', denied);
  return apply(world, said, { type: 'cancel', by: said.principal.actor, comment: said.comment });
}

async function apply(world: Part, said: SaidToRun, event: RunEvent): Promise<Result<Run>> {
  const step = await applyRunEvent(world, { id: said.run, event, who: said.principal.actor });
  if (step === null) return notFound(said.run);
  return step.refused === null ? { ok: step.run } : refuse('conflict', step.refused);
}

function notFound(id: string) {
  return refuse('not_found', `There is no run ${id.slice(0, 100)}.`);
}
