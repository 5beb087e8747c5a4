import { Button } from '@mantine/core';
import { useContext, useEffect, useState } from 'react';
import { Callout } from '../parts/callout.tsx';
import { useNow } from '../parts/clock.ts';
import { LiveContext, useLiveState } from './live-context.ts';
import styles from './shell.module.css';

const PATIENCE_MS = 2000;

/** Says that the connection is lost once that has lasted a moment, and when the next attempt comes. */
export function OfflineBanner() {
  const { state, since, retryAt } = useLiveState();
  const [late, setLate] = useState(false);
  const lost = state === 'lost';
  useEffect(() => {
    if (!lost) return setLate(false);
    const timer = setTimeout(() => setLate(true), Math.max(0, since + PATIENCE_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [lost, since]);
  if (!late) return null;
  return <Banner retryAt={retryAt} />;
}

function Banner({ retryAt }: { readonly retryAt: number | null }) {
  const live = useContext(LiveContext);
  useNow(1000);
  const seconds = retryAt === null ? 0 : Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
  const retry = (
    <Button size="compact-sm" variant="default" onClick={live?.retryNow}>
      Try now
    </Button>
  );
  return (
    <div className={styles['banner']} data-testid="offline">
      <Callout tone="critical" title="The server does not answer." urgent action={retry}>
        What you see may be old. {seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again now.'}
      </Callout>
    </div>
  );
}
