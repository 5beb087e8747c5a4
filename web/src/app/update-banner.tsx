import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sessionQuery } from '../data/session.ts';
import { Callout } from '../parts/callout.tsx';
import styles from './shell.module.css';

/** Says that the server was updated while this page was open. It does not reload by itself: somebody may be typing. */
export function UpdateBanner() {
  const { data } = useQuery(sessionQuery);
  const [first] = useState(data?.version);
  if (data === undefined || first === undefined || data.version === first) return null;
  const reload = (
    <Button size="compact-sm" variant="default" onClick={() => location.reload()}>
      Reload
    </Button>
  );
  return (
    <div className={styles['banner']}>
      <Callout tone="notice" title={`Tocsin was updated to ${data.version}.`} action={reload}>
        This page is still the old one.
      </Callout>
    </div>
  );
}
