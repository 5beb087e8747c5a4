import { VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { overviewQuery } from '../data/system.ts';
import { plural } from '../parts/format.ts';

/** Tells a screen reader which page came up, and when more alerts fire or more runs wait than before. */
export function Announcer() {
  const [words, setWords] = useState('');
  const { pathname } = useLocation();
  useEffect(() => {
    const timer = setTimeout(() => setWords(document.title), 300);
    return () => clearTimeout(timer);
  }, [pathname]);

  const { data } = useQuery(overviewQuery);
  const before = useRef<{ firing: number; waiting: number } | null>(null);
  useEffect(() => {
    if (data === undefined) return;
    const now = { firing: data.alerts.firing, waiting: data.runs.awaitingApproval };
    const past = before.current;
    before.current = now;
    if (past === null) return;
    if (now.firing > past.firing) setWords(`${plural(now.firing, 'alert')} firing`);
    else if (now.waiting > past.waiting) setWords(`${plural(now.waiting, 'run')} awaiting approval`);
    else if (now.firing < past.firing)
      setWords(now.firing === 0 ? 'No alert fires any more' : `${plural(now.firing, 'alert')} still firing`);
  }, [data]);

  return (
    <VisuallyHidden role="status" aria-live="polite">
      {words}
    </VisuallyHidden>
  );
}
