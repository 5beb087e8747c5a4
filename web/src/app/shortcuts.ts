import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { DESTINATIONS } from './navigation.ts';

const JUMP_MS = 1500;

/** Keys that work everywhere outside of fields: `g` and a letter to jump, `/` to search, `?` for help. */
export function useShortcuts(onHelp: () => void): void {
  const navigate = useNavigate();
  useEffect(() => {
    let jumpUntil = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isBusy(event.target)) return;
      if (event.timeStamp < jumpUntil) {
        jumpUntil = 0;
        const place = DESTINATIONS.find(({ key }) => key === event.key);
        if (place === undefined) return;
        event.preventDefault();
        void navigate({ to: place.to });
      } else if (event.key === 'g') {
        jumpUntil = event.timeStamp + JUMP_MS;
      } else if (event.key === '?') {
        event.preventDefault();
        onHelp();
      } else if (event.key === '/') {
        event.preventDefault();
        const field = document.querySelector<HTMLInputElement>('main input[type="search"]');
        if (field === null) void navigate({ to: '/alerts' }).then(focusSearch);
        else field.focus();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate, onHelp]);
}

function focusSearch(): void {
  requestAnimationFrame(() => document.querySelector<HTMLInputElement>('main input[type="search"]')?.focus());
}

function isBusy(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) || target.closest('[role="dialog"]') !== null;
}
