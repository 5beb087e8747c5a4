import type { LivePart } from '../server/parts.ts';

/** Hands on what changed to everybody who listens. */
export function livePart(): LivePart & { readonly publish: (about: readonly string[]) => void } {
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
