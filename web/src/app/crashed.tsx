import { Button, Group } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { useContext, useEffect, useRef } from 'react';
import { ApiError, messageOf } from '../data/error.ts';
import { ErrorCallout } from '../parts/callout.tsx';
import { Page } from '../parts/page.tsx';
import { LiveContext, useLiveState } from './live-context.ts';
import { isCodeMissing, reloadOnce } from './reload.ts';

/** A page failed: what happened, and the ways on. */
export function Crashed({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  const router = useRouter();
  const outside = useContext(LiveContext) === null;
  const codeMissing = isCodeMissing(messageOf(error));
  useReloadWhenBack(codeMissing);
  const offline = codeMissing || error instanceof ApiError;
  const again = (): void => {
    reset();
    void router.invalidate();
  };
  return (
    <div style={{ padding: outside ? 32 : 0 }}>
      <Page title={offline ? 'The server does not answer' : 'This page failed'} narrow>
        <ErrorCallout error={codeMissing ? new Error('This page is not loaded yet. It appears as soon as the server answers.') : error} />
        <Group>
          <Button onClick={codeMissing ? () => location.reload() : again}>Try again</Button>
          {!codeMissing && (
            <Button variant="default" onClick={() => location.reload()}>
              Reload the page
            </Button>
          )}
        </Group>
      </Page>
    </div>
  );
}

/** A page whose code could not be fetched comes by itself when the server is back; after an update the whole page is fetched anew, once. */
function useReloadWhenBack(codeMissing: boolean): void {
  const { state } = useLiveState();
  const wasLost = useRef(false);
  useEffect(() => {
    if (!codeMissing) return;
    if (state === 'lost') wasLost.current = true;
    else if (state === 'live' && wasLost.current) location.reload();
    else if (state === 'live') reloadOnce();
  }, [codeMissing, state]);
}
