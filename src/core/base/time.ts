/** Milliseconds since the Unix epoch: the only representation of an instant inside the product. A length of time is in the same unit. */
export type Millis = number;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const YEAR = 365 * DAY;

/** "There is nothing left to decide": sorts after every real instant. */
export const NEVER: Millis = Number.MAX_SAFE_INTEGER;

const UNITS: readonly (readonly [string, Millis])[] = [
  ['y', YEAR],
  ['w', WEEK],
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
  ['ms', 1],
];

const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** A length of time as Prometheus writes it (`1h30m`, `15s`, `0`): units from large to small, each at most once. Null when it is none. */
export function parseDuration(text: string): Millis | null {
  if (text === '0') return 0;
  const match = DURATION.exec(text);
  if (match === null || text === '') return null;
  let total = 0;
  for (const [index, [, size]] of UNITS.entries()) total += Number(match[index + 1] ?? 0) * size;
  return Number.isSafeInteger(total) ? total : null;
}

/** The shortest exact text of a length of time, as Prometheus prints it: 90 000 is `1m30s`; weeks and years only when nothing is left over. */
export function formatDuration(length: Millis): string {
  if (length === 0) return '0s';
  let rest = Math.abs(Math.round(length));
  let text = length < 0 ? '-' : '';
  for (const [unit, size] of UNITS) {
    if ((unit === 'y' || unit === 'w') && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

/** A length of time as people say it, for sentences: rounded to seconds, from an hour on to minutes (`4m52s`). */
export function formatSpan(length: Millis): string {
  const size = Math.abs(length);
  const unit = size >= HOUR ? MINUTE : size >= SECOND ? SECOND : 1;
  return formatDuration(Math.round(length / unit) * unit);
}
