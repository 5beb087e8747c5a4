import type { LivePart } from '../server/parts.ts';

export interface LiveHub extends LivePart {
  publish(about: readonly string[]): void;
}

/** Hands on what changed to everybody who listens. */
export function openLive(): LiveHub {
  const listeners = new Set<(about: readonly string[]) => void>();
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    publish: (about) => {
      for (const listener of listeners) listener(about);
    },
  };
}
