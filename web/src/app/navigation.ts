import {
  IconArchive,
  IconBell,
  IconBolt,
  IconBook2,
  IconChartLine,
  IconHome2,
  IconServer2,
  IconSettings,
  IconUserQuestion,
  type TablerIcon,
} from '@tabler/icons-react';
import type { Overview } from '../data/types.ts';
import type { Tone } from '../parts/tone.ts';

export interface Destination {
  readonly to: '/' | '/hosts' | '/explore' | '/alerts' | '/approvals' | '/actions' | '/archive' | '/recommendations' | '/settings';
  readonly label: string;
  readonly Icon: TablerIcon;
  /** After `g`. */
  readonly key: string;
  readonly count?: (overview: Overview) => { readonly value: number; readonly tone: Tone; readonly spoken: string };
}

/** The places of the menu, in its order; the first four also stand at the foot of a phone. */
export const DESTINATIONS: readonly Destination[] = [
  { to: '/', label: 'Overview', Icon: IconHome2, key: 'o' },
  {
    to: '/alerts',
    label: 'Alerts',
    Icon: IconBell,
    key: 'a',
    count: ({ alerts }) => ({
      value: alerts.firing,
      tone: alerts.critical > 0 ? 'critical' : alerts.error > 0 ? 'error' : 'warning',
      spoken: `${alerts.firing} firing`,
    }),
  },
  {
    to: '/approvals',
    label: 'Approvals',
    Icon: IconUserQuestion,
    key: 'p',
    count: ({ runs }) => ({ value: runs.awaitingApproval, tone: 'warning', spoken: `${runs.awaitingApproval} waiting` }),
  },
  { to: '/actions', label: 'Actions', Icon: IconBolt, key: 'x' },
  { to: '/hosts', label: 'Hosts', Icon: IconServer2, key: 'h' },
  { to: '/explore', label: 'Explore', Icon: IconChartLine, key: 'e' },
  {
    to: '/recommendations',
    label: 'Recommendations',
    Icon: IconBook2,
    key: 'r',
    count: ({ recommendations }) => ({ value: recommendations.active, tone: 'accent', spoken: `${recommendations.active} active` }),
  },
  { to: '/archive', label: 'Archive', Icon: IconArchive, key: 'v' },
  { to: '/settings', label: 'Settings', Icon: IconSettings, key: 's' },
];
