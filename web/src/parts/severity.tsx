import type { Severity } from '../data/types.ts';
import { Badge } from './badge.tsx';
import { type Tone, toneClass } from './tone.ts';

const TONES: Readonly<Record<Severity, Tone>> = {
  critical: 'critical',
  error: 'error',
  warning: 'warning',
  notice: 'notice',
  unknown: 'unknown',
  none: 'good',
};

const WORDS: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  error: 'Error',
  warning: 'Warning',
  notice: 'Notice',
  unknown: 'Unknown',
  none: 'Fine',
};

export const SEVERITIES: readonly Severity[] = ['critical', 'error', 'warning', 'notice', 'unknown'];

export function severityWord(severity: Severity): string {
  return WORDS[severity];
}

export function severityTone(severity: Severity): Tone {
  return TONES[severity];
}

/** Any text as a severity; what is none is unknown. */
export function severityOf(text: string): Severity {
  return text in TONES ? (text as Severity) : 'unknown';
}

/** An outline of its own for each severity, told apart without colour: octagon, diamond, triangle, disc, dashed ring, ring with a check. */
export function SeverityMark({
  severity,
  size = 18,
  label,
}: {
  readonly severity: Severity;
  readonly size?: number;
  readonly label?: string;
}) {
  const spoken = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label };
  return (
    <svg className={toneClass(TONES[severity])} width={size} height={size} viewBox="0 0 20 20" style={{ color: 'var(--tone)' }} {...spoken}>
      <Shape severity={severity} />
    </svg>
  );
}

const KNOCKOUT = { stroke: 'var(--surface)', strokeWidth: 2, strokeLinecap: 'round', fill: 'none' } as const;

function Shape({ severity }: { readonly severity: Severity }) {
  switch (severity) {
    case 'critical':
      return (
        <>
          <path fill="currentColor" d="M6.5 1.2h7l5.3 5.3v7l-5.3 5.3h-7l-5.3-5.3v-7z" />
          <path {...KNOCKOUT} d="M7 7l6 6M13 7l-6 6" />
        </>
      );
    case 'error':
      return (
        <>
          <path
            fill="currentColor"
            d="M8.7 1.3a1.8 1.8 0 0 1 2.6 0l7.4 7.4a1.8 1.8 0 0 1 0 2.6l-7.4 7.4a1.8 1.8 0 0 1-2.6 0l-7.4-7.4a1.8 1.8 0 0 1 0-2.6z"
          />
          <path {...KNOCKOUT} d="M10 6v4.5M10 13.9v.1" />
        </>
      );
    case 'warning':
      return (
        <>
          <path fill="currentColor" d="M8.4 2.3a1.85 1.85 0 0 1 3.2 0l7.2 12.6a1.85 1.85 0 0 1-1.6 2.8H2.8a1.85 1.85 0 0 1-1.6-2.8z" />
          <path {...KNOCKOUT} d="M10 7.2v4M10 14.4v.1" />
        </>
      );
    case 'notice':
      return (
        <>
          <circle cx="10" cy="10" r="8.5" fill="currentColor" />
          <path {...KNOCKOUT} d="M10 9.5V14M10 6.2v.1" />
        </>
      );
    case 'unknown':
      return (
        <>
          <circle cx="10" cy="10" r="8" fill="none" stroke="currentColor" strokeWidth="1.9" strokeDasharray="3.6 2.68" />
          <path
            d="M7.9 8a2.1 2.1 0 1 1 3.2 1.8c-.7.4-1.1.8-1.1 1.6M10 14v.1"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.9"
            strokeLinecap="round"
          />
        </>
      );
    case 'none':
      return (
        <>
          <circle cx="10" cy="10" r="8" fill="none" stroke="currentColor" strokeWidth="1.9" />
          <path
            d="M6.5 10.3l2.4 2.4 4.6-5"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.9"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </>
      );
  }
}

export function SeverityBadge({ severity, plain }: { readonly severity: Severity; readonly plain?: true }) {
  return (
    <Badge tone={TONES[severity]} mark={<SeverityMark severity={severity} size={14} />} plain={plain}>
      {WORDS[severity]}
    </Badge>
  );
}
