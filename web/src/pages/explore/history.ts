/** A query that was asked in this browser, and when. */
export interface Remembered {
  readonly expr: string;
  readonly at: number;
}

export const MOST_REMEMBERED = 50;
const LONGEST = 4000;

/** What a browser kept, as far as it can be read. */
export function parseHistory(kept: unknown): readonly Remembered[] {
  if (!Array.isArray(kept)) return [];
  return kept
    .flatMap((one: unknown): Remembered[] => {
      if (typeof one !== 'object' || one === null || !('expr' in one) || !('at' in one)) return [];
      const { expr, at } = one;
      return typeof expr === 'string' && expr.length <= LONGEST && typeof at === 'number' && Number.isFinite(at) ? [{ expr, at }] : [];
    })
    .slice(0, MOST_REMEMBERED);
}

/** With these queries at the front, each once, the oldest forgotten. */
export function withAsked(before: readonly Remembered[], exprs: readonly string[], at: number): readonly Remembered[] {
  const fresh = [...new Set(exprs)].filter((expr) => expr.trim() !== '' && expr.length <= LONGEST);
  return [...fresh.map((expr) => ({ expr, at })), ...before.filter(({ expr }) => !fresh.includes(expr))].slice(0, MOST_REMEMBERED);
}
