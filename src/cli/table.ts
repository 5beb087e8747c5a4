import { DAY, formatDuration, HOUR, MINUTE, SECOND, type Millis } from '../core/base/time.ts';

/** A text from outside for the terminal: nothing in it moves the cursor, changes colours or starts a line. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (char) => (char === '\n' || char === '\t' ? ' ' : '\ufffd'));
}

/** Columns below their titles; the last one may be as long as it likes. */
export function formatTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [titles, ...rows.map((row) => row.map(plain))];
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ''))));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => pad(cell, widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Two lines of nothing but names and values, aligned. */
export function formatPairs(pairs: readonly (readonly [string, string | null])[]): string {
  const shown = pairs.flatMap(([name, value]) => (value === null || value === '' ? [] : [[`${name}:`, plain(value)] as const]));
  const longest = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(longest)}  ${value}\n`).join('');
}

/** How long ago, in the two largest units that matter: `2h5m`. */
export function formatAge(length: Millis): string {
  const unit = length >= DAY ? HOUR : length >= HOUR ? MINUTE : SECOND;
  return formatDuration(Math.max(0, Math.floor(length / unit) * unit));
}

function pad(cell: string, wanted: number): string {
  return cell + ' '.repeat(Math.max(0, wanted - width(cell)));
}

function width(text: string): number {
  return [...text].length;
}
