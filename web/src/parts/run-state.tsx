import {
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconClockX,
  IconHelpCircle,
  IconHourglassOff,
  IconLoader2,
  IconPlugX,
  IconShieldCheck,
  IconShieldSearch,
  IconShieldX,
  IconThumbDown,
  IconTrendingDown,
  IconUserQuestion,
  type TablerIcon,
} from '@tabler/icons-react';
import type { RunState, Verification } from '../data/types.ts';
import { Badge } from './badge.tsx';
import styles from './badge.module.css';
import type { Tone } from './tone.ts';

interface Look {
  readonly word: string;
  readonly tone: Tone;
  readonly Icon: TablerIcon;
}

const STATES: Readonly<Record<RunState, Look>> = {
  'awaiting approval': { word: 'Awaiting approval', tone: 'warning', Icon: IconUserQuestion },
  queued: { word: 'Queued', tone: 'quiet', Icon: IconClock },
  starting: { word: 'Starting', tone: 'accent', Icon: IconLoader2 },
  running: { word: 'Running', tone: 'accent', Icon: IconLoader2 },
  cancelling: { word: 'Cancelling', tone: 'quiet', Icon: IconLoader2 },
  succeeded: { word: 'Succeeded', tone: 'good', Icon: IconCircleCheck },
  failed: { word: 'Failed', tone: 'critical', Icon: IconCircleX },
  'timed out': { word: 'Timed out', tone: 'critical', Icon: IconClockX },
  cancelled: { word: 'Cancelled', tone: 'quiet', Icon: IconBan },
  rejected: { word: 'Rejected', tone: 'error', Icon: IconThumbDown },
  expired: { word: 'Expired', tone: 'quiet', Icon: IconHourglassOff },
  refused: { word: 'Refused', tone: 'error', Icon: IconShieldX },
  'failed to start': { word: 'Failed to start', tone: 'critical', Icon: IconPlugX },
  unknown: { word: 'Outcome unknown', tone: 'unknown', Icon: IconHelpCircle },
};

const VERDICTS: Readonly<Record<Verification, Look>> = {
  waiting: { word: 'Verifying', tone: 'notice', Icon: IconShieldSearch },
  fixed: { word: 'Fixed', tone: 'good', Icon: IconShieldCheck },
  'not fixed': { word: 'Not fixed', tone: 'error', Icon: IconShieldX },
  'made worse': { word: 'Made worse', tone: 'critical', Icon: IconTrendingDown },
};

export const RUN_STATES = Object.keys(STATES) as RunState[];
export const VERIFICATIONS = Object.keys(VERDICTS) as Verification[];

export function runStateLook(state: RunState): Look {
  return STATES[state];
}

export function verdictLook(verification: Verification): Look {
  return VERDICTS[verification];
}

const MOVING: readonly RunState[] = ['starting', 'running', 'cancelling'];

export function RunStateBadge({ state, plain }: { readonly state: RunState; readonly plain?: true }) {
  const { word, tone, Icon } = STATES[state];
  return (
    <Badge tone={tone} mark={<Icon size={15} aria-hidden className={MOVING.includes(state) ? styles['spin'] : ''} />} plain={plain}>
      {word}
    </Badge>
  );
}

export function VerdictBadge({ verification, plain }: { readonly verification: Verification; readonly plain?: true }) {
  const { word, tone, Icon } = VERDICTS[verification];
  return (
    <Badge tone={tone} mark={<Icon size={15} aria-hidden />} plain={plain}>
      {word}
    </Badge>
  );
}
