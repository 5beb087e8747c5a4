import { useEffect } from 'react';

let alarms = 0;
let title = '';

function show(): void {
  document.title = `${alarms > 0 ? `(${alarms}) ` : ''}${title === '' ? '' : `${title} · `}Tocsin`;
}

/** Names the browser's tab after the page. */
export function usePageTitle(name: string): void {
  useEffect(() => {
    title = name;
    show();
  }, [name]);
}

/** The number before the title: how many alerts fire, so that a tab in the background tells. */
export function showAlarms(count: number): void {
  alarms = count;
  show();
}
