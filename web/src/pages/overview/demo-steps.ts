import type { Alert, Demo, Run } from '../../data/types.ts';

export interface Step {
  readonly name: 'Alert' | 'Approval' | 'Run' | 'Verified' | 'Resolved';
  readonly state: 'done' | 'now' | 'to come' | 'failed';
  readonly text: string;
}

type StepState = Pick<Step, 'state' | 'text'>;

const TO_COME = 'to come';
const STOPPED: readonly Run['state'][] = ['rejected', 'expired', 'refused', 'cancelled'];

/** The demonstration as its five steps: what is done, where it stands, what is to come. */
export function demoSteps(demo: Pick<Demo, 'active'>, alert: Alert | null, run: Run | null): readonly Step[] {
  // The alert may clear before the agent has reported the end of the run: the story keeps its order.
  const resolved = alert?.state === 'resolved' && (run === null || isSettled(run));
  return [
    { name: 'Alert', ...alertStep(demo, alert) },
    { name: 'Approval', ...approvalStep(run) },
    { name: 'Run', ...runStep(run) },
    { name: 'Verified', ...verifiedStep(run) },
    {
      name: 'Resolved',
      state: resolved ? 'done' : TO_COME,
      text: resolved ? 'The alert is over, and everybody who was told of it was told so.' : '',
    },
  ];
}

/** Whether nothing more will become of a run. */
export function isSettled(run: Run): boolean {
  return run.final && run.verification !== 'waiting';
}

function alertStep(demo: Pick<Demo, 'active'>, alert: Alert | null): StepState {
  if (alert !== null && alert.state !== 'pending') return { state: 'done', text: 'The rule judged the sample, and the alert fired.' };
  if (alert !== null || demo.active)
    return { state: 'now', text: 'A marker file is written. The agent brings it with its next sample, within ten seconds.' };
  return { state: TO_COME, text: '' };
}

function approvalStep(run: Run | null): StepState {
  if (run === null) return { state: TO_COME, text: '' };
  if (run.state === 'awaiting approval')
    return { state: 'now', text: 'The alert started an action, and the action asks a person first. That is you.' };
  if (STOPPED.includes(run.state) && run.startedAt === null) return { state: 'failed', text: run.reason };
  const by = run.approvals.find(({ approve }) => approve)?.by.replace(/^\w+:/, '');
  return { state: 'done', text: by === undefined ? 'No approval was needed.' : `Approved by ${by}.` };
}

function runStep(run: Run | null): StepState {
  if (run === null || run.state === 'awaiting approval') return { state: TO_COME, text: '' };
  if (run.state === 'succeeded') return { state: 'done', text: `The agent on ${run.host} ran it.` };
  if (!run.final) return { state: 'now', text: `The agent on ${run.host} runs it.` };
  return STOPPED.includes(run.state) && run.startedAt === null ? { state: TO_COME, text: '' } : { state: 'failed', text: run.reason };
}

function verifiedStep(run: Run | null): StepState {
  if (run?.verification === 'fixed') return { state: 'done', text: 'Tocsin looked again: the alert cleared. Verdict: fixed.' };
  if (run?.verification === 'not fixed' || run?.verification === 'made worse')
    return { state: 'failed', text: `Verdict: ${run.verification}.` };
  if (run?.final === true && run.verification === 'waiting')
    return { state: 'now', text: 'Success of a command proves nothing: Tocsin waits for the alert to clear.' };
  return { state: TO_COME, text: '' };
}
