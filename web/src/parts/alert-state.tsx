import { IconBellRinging2Filled, IconCircleCheck, IconHourglassHigh } from '@tabler/icons-react';
import type { Alert, AlertState } from '../data/types.ts';
import { Badge } from './badge.tsx';
import { severityTone } from './severity.tsx';

const WORDS: Readonly<Record<AlertState, string>> = { pending: 'Pending', firing: 'Firing', resolved: 'Resolved' };

export function alertStateWord(state: AlertState): string {
  return WORDS[state];
}

/** Where in its life an alert is. */
export function AlertStateBadge({ alert, plain }: { readonly alert: Pick<Alert, 'state' | 'severity'>; readonly plain?: true }) {
  if (alert.state === 'resolved') {
    return (
      <Badge tone="good" mark={<IconCircleCheck size={15} aria-hidden />} plain={plain}>
        {WORDS.resolved}
      </Badge>
    );
  }
  if (alert.state === 'pending') {
    return (
      <Badge tone="quiet" mark={<IconHourglassHigh size={14} aria-hidden />} plain={plain}>
        {WORDS.pending}
      </Badge>
    );
  }
  return (
    <Badge tone={severityTone(alert.severity)} mark={<IconBellRinging2Filled size={14} aria-hidden />} plain={plain}>
      {WORDS.firing}
    </Badge>
  );
}
