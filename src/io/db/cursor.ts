import { NEVER, type Millis } from '../../core/base/time.ts';
import type { Page } from '../../core/change/change.ts';

/** Where a page ended: lists go from the newest moment down, and among equal moments from the greatest id down. */
export interface Position {
  readonly at: Millis;
  readonly id: string;
}

/** Before everything. */
const START: Position = { at: NEVER, id: '' };

const LONGEST_PAGE = 1_000;

export function boundLimit(limit: number): number {
  return Number.isFinite(limit) ? Math.max(1, Math.min(LONGEST_PAGE, Math.floor(limit))) : 1;
}

export function formatCursor(position: Position): string {
  return Buffer.from(`${position.at}:${position.id}`).toString('base64url');
}

/** Null for a text that no page ever ended with: whoever made it up gets an empty page. */
export function parseCursor(text: string | undefined): Position | null {
  if (text === undefined) return START;
  const [, at, id] = /^(-?\d{1,16}):(.*)$/s.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  return at === undefined || id === undefined ? null : { at: Number(at), id };
}

/** A page from the items that were found when one more than its length was asked for. */
export function pageOf<T>(found: readonly T[], length: number, position: (item: T) => Position): Page<T> {
  const items = found.slice(0, length);
  const last = items.at(-1);
  return { items, next: found.length > length && last !== undefined ? formatCursor(position(last)) : null };
}

/** Negative when `a` comes first in a list. */
export function comparePositions(a: Position, b: Position): number {
  if (a.at !== b.at) return b.at - a.at;
  if (a.id === b.id) return 0;
  return a.id > b.id ? -1 : 1;
}
