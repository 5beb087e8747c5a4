import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Live, type LiveState } from '../data/live.ts';

export const LiveContext = createContext<Live | null>(null);

/** Opens the stream of changes for as long as the caller is shown. */
export function useOpenLive(): Live {
  const queries = useQueryClient();
  const [live] = useState(() => new Live(queries));
  useEffect(() => live.open(), [live]);
  return live;
}

const NEVER: LiveState = { state: 'connecting', since: 0, retryAt: null };
const nothing = (): (() => void) => () => undefined;

export function useLiveState(): LiveState {
  const live = useContext(LiveContext);
  return useSyncExternalStore(live?.subscribe ?? nothing, live?.state ?? (() => NEVER));
}
