import { useState } from 'react';
import type { ExploreSearch } from '../../app/explore-search.ts';

type Range = Pick<ExploreSearch, 'range' | 'from' | 'to'>;

const USUAL: { readonly [name in keyof Range]: undefined } = { range: undefined, from: undefined, to: undefined };
const MOST_STEPS = 20;

/** Moves through time, and the way back to what was shown before. */
export function useRange({ range, from, to }: ExploreSearch, change: (next: Partial<ExploreSearch>) => void) {
  const [before, setBefore] = useState<readonly Range[]>([]);
  return {
    canGoBack: before.length > 0,
    goTo: (next: Range): void => {
      setBefore([...before, { range, from, to } as Range].slice(-MOST_STEPS));
      change({ ...USUAL, ...next } as Range);
    },
    goBack: (): void => {
      setBefore(before.slice(0, -1));
      change({ ...USUAL, ...before.at(-1) } as Range);
    },
  };
}
