import { Button, Group } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { ApiError } from '../data/error.ts';
import { ErrorCallout } from '../parts/callout.tsx';
import { Page } from '../parts/page.tsx';

/** A page failed: what happened, and the ways on. */
export function Crashed({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  const router = useRouter();
  const offline = error instanceof ApiError;
  const again = (): void => {
    reset();
    void router.invalidate();
  };
  return (
    <div style={{ padding: 24 }}>
      <Page title={offline ? 'The server does not answer' : 'This page failed'} narrow>
        <ErrorCallout error={error} />
        <Group>
          <Button onClick={again}>Try again</Button>
          <Button variant="default" onClick={() => location.reload()}>
            Reload the page
          </Button>
        </Group>
      </Page>
    </div>
  );
}
