import { formatInstant, parseInstant } from '../core/base/calendar.ts';
import { parseDuration, SECOND, type Millis } from '../core/base/time.ts';
import { wrongUsage } from './command-line.ts';

export const MOMENT_USAGE = `A moment is 2026-01-31T08:00:00Z, seconds since 1970, "now", or how long ago: 1h.
`;

/** A moment as people type it. */
export function parseMoment(text: string, now: Millis): Millis {
  if (text === 'now') return now;
  const ago = parseDuration(text.replace(/^-/, ''));
  if (ago !== null && /[a-z]/.test(text)) return now - ago;
  const at = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * SECOND) : parseInstant(text);
  if (at === null || !Number.isSafeInteger(at)) throw wrongUsage(`${JSON.stringify(text)} is no moment. ${MOMENT_USAGE.trim()}`);
  return at;
}

/** A length of time as people type it. */
export function parseLength(text: string, option: string): Millis {
  const length = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * SECOND) : parseDuration(text);
  if (length === null || length <= 0) throw wrongUsage(`--${option} ${text} is no length of time (like 15s or 1h30m)`);
  return length;
}

/** A moment for people and scripts. */
export function formatMoment(at: Millis | null): string {
  return at === null ? '' : formatInstant(at).replace('.000Z', 'Z');
}

/** A whole number above zero. */
export function parseCount(text: string | undefined, option: string, absent: number): number {
  if (text === undefined) return absent;
  if (!/^\d{1,6}$/.test(text) || Number(text) === 0) throw wrongUsage(`--${option} ${text} is no number above zero`);
  return Number(text);
}
