import type { Actor } from '../core/access/actor.ts';
import { formatActor } from '../core/access/actor.ts';
import type { Action, ApprovalPolicy, Trigger } from '../core/actions/action.ts';
import { whyHeld } from '../core/actions/guard.ts';
import { pathProblems } from '../core/actions/http-call.ts';
import { buildArgv, checkParameters, runHost } from '../core/actions/parameters.ts';
import { isFinal, type Run, type RunState } from '../core/actions/run.ts';
import { START_WITHIN } from '../core/actions/step-run.ts';
import { formatProblem, type Problem } from '../core/base/problem.ts';
import { MINUTE, NEVER, type Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Write } from '../core/change/change.ts';
import type { Store, World } from '../world.ts';
import { fresh, oweMessage, put, wake } from './change.ts';
import { tellDeciders } from './tell-deciders.ts';

/** How long a run that a person starts for an alert has to clear it. */
const VERIFY_WITHIN: Millis = 10 * MINUTE;

/** Of a request that is refused, so many are kept. */
const MOST_PARAMETERS = 100;

type Values = Readonly<Record<string, string | number | boolean>>;

export interface RunRequest {
  readonly id: string;
  readonly action: string;
  readonly parameters: Values;
  readonly requestedBy: Actor;
  readonly comment: string;
  readonly alert: string | null;
  readonly trigger: Trigger | null;
  /** Separates the cooldown of a trigger by target. */
  readonly target: string;
  /** The run that this one repeats because nobody knows how it ended: no cooldown comes between the two. */
  readonly repeats: string | null;
  readonly idempotencyKey: string | null;
  readonly requestHash: string;
  /** What was wrong with the values before they came here. */
  readonly problems: readonly Problem[];
  /** What the same change writes already: the runs in it count, and no row is written twice. */
  readonly alongside: readonly Write[];
}

export interface RequestedRun {
  readonly run: Run;
  readonly writes: readonly Write[];
  readonly problems: readonly Problem[];
}

/** What one action would do with these values, before anything is decided about whether it may. */
export interface Plan {
  readonly values: Values;
  readonly argv: readonly string[];
  readonly host: string;
  readonly problems: readonly Problem[];
}

/** The exact command and the host that these values give. */
export async function planRun(store: Store, action: Action, given: Values): Promise<Plan> {
  const hosts = await store.hosts();
  const local = hosts.find((host) => host.value.local)?.value.name ?? '';
  const checked = checkParameters(action, given);
  const { masked } = buildArgv(action, checked.values, new Map());
  const host = runHost(action, checked.values) ?? local;
  const problems = [...checked.problems, ...(action.http === null ? [] : pathProblems(action.http, checked.values))];
  if (problems.length === 0 && !hosts.some((known) => known.value.name === host)) {
    problems.push({
      path: 'run_on',
      message: host === '' ? 'no local agent has reported yet' : `no agent of a host named ${host} is known`,
    });
  }
  return { values: checked.values, argv: masked, host, problems };
}

/** Opens a run, or archives the attempt as refused: either way there is a record, and it says why. */
export async function requestRun(world: Pick<World, 'store'>, settings: Settings, request: RunRequest, now: Millis): Promise<RequestedRun> {
  const action = settings.actions.get(request.action);
  if (action === undefined) {
    const problems = [{ path: 'action', message: `there is no action named ${request.action}` }];
    return refused(blankRun(request, now), problems);
  }
  const plan = await planRun(world.store, action, request.parameters);
  const problems = [...request.problems, ...plan.problems];
  const run: Run = { ...blankRun(request, now), ...limitsOf(action), parameters: plan.values, argv: plan.argv, host: plan.host };
  if (problems.length > 0) return refused(run, problems);

  const quotas = await loadQuotas(world.store, action, request, now);
  const held = quotas
    .map(({ quota }) => whyHeld(request.repeats === null ? quota : { ...quota, last: null }, now))
    .find((reason) => reason !== null);
  if (held !== undefined && held !== null) return refused(run, [{ message: held }]);

  const policy = request.trigger?.approval ?? action.approval;
  const waiting = { ...run, ...approvalOf(policy, now) };
  const told = policy === null ? { messages: [], missed: [] } : await tellDeciders(world.store, settings, policy, waiting);
  const opened =
    told.missed.length === 0 ? waiting : { ...waiting, reason: `${waiting.reason}; not told: ${told.missed.join(', ')}`.slice(0, 2000) };
  const writes = [
    put(fresh('run', run.id), opened),
    wake('run', run.id, opened.state === 'queued' ? now : opened.deadline),
    ...quotas.filter(({ isWritten }) => !isWritten).map(({ row }) => put(row, { id: row.id, at: now })),
    ...told.messages.flatMap((message) => oweMessage(message, now)),
  ];
  return { run: opened, writes, problems: [] };
}

/** Why a run of this action could not start now, null when it could. */
export async function whyActionHeld(store: Store, action: Action, now: Millis): Promise<string | null> {
  const [first] = await loadQuotas(store, action, { trigger: null, target: '', alongside: [] }, now);
  return first === undefined ? null : whyHeld(first.quota, now);
}

async function loadQuotas(store: Store, action: Action, request: Pick<RunRequest, 'trigger' | 'target' | 'alongside'>, now: Millis) {
  const { trigger, target, alongside } = request;
  const beside = alongside.flatMap((write) => (write.op === 'put' && isOpenRun(write) ? [write.value] : []));
  const open = [
    ...(await store.openRuns({ action: action.name })).map((row) => row.value),
    ...beside.filter((run) => run.action === action.name),
  ];
  const quotaOf = async (id: string, what: string, limits: Action | Trigger, runs: readonly Run[]) => {
    const row = await store.load('cooldown', id);
    const isWritten = alongside.some((write) => write.op === 'put' && write.row.table === 'cooldown' && write.row.id === id);
    const { concurrency, cooldown } = limits;
    return { row, isWritten, quota: { what, concurrency, cooldown, open: runs.length, last: isWritten ? now : (row.value?.at ?? null) } };
  };
  const quotas = [await quotaOf(`action/${action.name}`, `the action ${action.name}`, action, open)];
  if (trigger !== null) {
    const mine = open.filter((run) => run.trigger === trigger.name);
    quotas.push(await quotaOf(`trigger/${trigger.name}/${target}`, `the trigger ${trigger.name}`, trigger, mine));
  }
  return quotas;
}

function isOpenRun(
  write: Extract<Write, { readonly op: 'put' }>,
): write is Extract<Write, { readonly op: 'put' }> & { readonly value: Run } {
  return write.row.table === 'run' && 'state' in write.value && 'argv' in write.value && !isFinal(write.value.state);
}

function approvalOf(
  policy: ApprovalPolicy | null,
  now: Millis,
): Pick<Run, 'state' | 'reason' | 'deadline' | 'approvalsNeeded' | 'approvers'> {
  if (policy === null) {
    return { state: 'queued', reason: 'waits for its agent', deadline: now + START_WITHIN, approvalsNeeded: 0, approvers: [] };
  }
  const who = policy.by.length === 0 ? 'somebody who may' : policy.by.join(', ');
  return {
    state: 'awaiting approval',
    reason: `waits for approval by ${who}`,
    deadline: now + policy.expires,
    approvalsNeeded: policy.count,
    approvers: policy.by,
  };
}

function limitsOf(action: Action): Pick<Run, 'version' | 'runAs' | 'timeout' | 'outputLimitBytes'> {
  return { version: action.version, runAs: action.runAs, timeout: action.timeout, outputLimitBytes: action.outputLimitBytes };
}

function refused(run: Run, problems: readonly Problem[]): RequestedRun {
  const state: RunState = 'refused';
  const reason = problems.map(formatProblem).join('; ').slice(0, 2000);
  const kept = { ...run, state, reason, finishedAt: run.triggeredAt, verification: null };
  return { run: kept, writes: [put(fresh('run', run.id), kept)], problems };
}

function blankRun(request: RunRequest, now: Millis): Run {
  return {
    id: request.id,
    action: request.action,
    version: '',
    state: 'refused',
    reason: '',
    parameters: Object.fromEntries(
      Object.entries(request.parameters)
        .slice(0, MOST_PARAMETERS)
        .map(([name, value]) => [name.slice(0, 100), clip(value)]),
    ),
    argv: [],
    host: '',
    runAs: null,
    requestedBy: request.requestedBy,
    comment: request.comment,
    trigger: request.trigger?.name ?? null,
    alert: request.alert,
    approvals: [],
    approvalsNeeded: 0,
    approvers: [],
    triggeredAt: now,
    deadline: NEVER,
    fence: 0,
    startedAt: null,
    finishedAt: null,
    exitCode: null,
    signal: null,
    spawnError: null,
    outputBytes: 0,
    outputTruncated: false,
    timeout: 0,
    outputLimitBytes: 0,
    verification: null,
    verifyWithin: request.trigger === null && request.alert !== null ? VERIFY_WITHIN : (request.trigger?.verifyWithin ?? null),
    idempotencyKey: request.idempotencyKey,
    requestHash: request.requestHash,
  };
}

function clip(value: string | number | boolean): string | number | boolean {
  return typeof value === 'string' ? value.slice(0, 1000) : value;
}

/** One line for the audit log about a run that was just asked for. */
export function describeRequest(run: Run): string {
  const by = run.trigger === null ? formatActor(run.requestedBy) : `trigger ${run.trigger}`;
  return `${run.action} asked for by ${by}: ${run.state}${run.reason === '' ? '' : `, ${run.reason}`}`;
}
