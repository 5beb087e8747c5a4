/** Samples a second as this page has seen them, the newest last. */
export interface Observed {
  readonly at: number;
  readonly perSecond: number;
}

const MOST = 120;

/** With a further observation; the same moment is not observed twice. */
export function observe(before: readonly Observed[], at: number, perSecond: number | null): readonly Observed[] {
  if (perSecond === null || (before.at(-1)?.at ?? 0) >= at) return before;
  return [...before, { at, perSecond }].slice(-MOST);
}
