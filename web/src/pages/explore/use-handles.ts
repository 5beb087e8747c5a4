import { useCallback, useEffect, useMemo, useRef } from 'react';
import type { FieldHandle } from './field-props.ts';
import type { Draft } from './use-drafts.ts';

/** The fields, as the page reaches them from outside; the one that was typed in last is the active one. */
export function useHandles(drafts: readonly Draft[]) {
  const known = useRef(new Map<number, { current: FieldHandle | null }>());
  const active = useRef<number | null>(null);
  const wanted = useRef<number | null>(null);
  const of = useCallback((id: number) => {
    const handle = known.current.get(id) ?? { current: null };
    known.current.set(id, handle);
    return handle;
  }, []);
  useEffect(() => {
    if (wanted.current !== null) of(wanted.current).current?.focus();
    wanted.current = null;
    for (const id of known.current.keys()) if (!drafts.some((draft) => draft.id === id)) known.current.delete(id);
  }, [drafts, of]);
  return useMemo(
    () => ({
      of,
      active: () => active.current,
      enter: (id: number) => {
        active.current = id;
      },
      focusNext: (next: readonly Draft[]) => {
        wanted.current = next.at(-1)?.id ?? null;
      },
    }),
    [of],
  );
}
