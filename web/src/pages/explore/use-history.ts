import { useState } from 'react';
import { remember, remembered } from '../../data/remembered.ts';
import { serverNow } from '../../data/server-time.ts';
import { parseHistory, withAsked } from './history.ts';

const NAME = 'explore-history';

/** The queries that were asked in this browser. */
export function useHistory() {
  const [history, setHistory] = useState(() => parseHistory(remembered(NAME)));
  const keep = (next: typeof history): void => {
    remember(NAME, next);
    setHistory(next);
  };
  return { history, recall: (exprs: readonly string[]) => keep(withAsked(history, exprs, serverNow())), forget: () => keep([]) };
}
