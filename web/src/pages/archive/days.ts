/** A moment as the day in the reader's zone, as a date field wants it: `2026-10-03`. */
export function formatDay(at: number | undefined): string {
  if (at === undefined) return '';
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The first or last millisecond of a day in the reader's zone; undefined for an empty or half-typed date. */
export function parseDay(text: string, edge: 'begin' | 'end'): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]) - 1, Number(match[3])];
  return edge === 'begin' ? new Date(year, month, day).getTime() : new Date(year, month, day + 1).getTime() - 1;
}
