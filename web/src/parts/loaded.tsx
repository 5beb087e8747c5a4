import { Skeleton } from '@mantine/core';
import { IconMapOff } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ApiError } from '../data/error.ts';
import { ErrorCallout } from './callout.tsx';
import { Empty } from './empty.tsx';
import { LinkButton } from './link-button.tsx';
import { Card } from './page.tsx';

interface Answer<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

interface Props<T> {
  readonly query: Answer<T>;
  readonly skeleton?: ReactNode;
  readonly children: (data: T) => ReactNode;
}

/** The content once it is there; until then its outline; and when it cannot be had, why. Old content stays while a new attempt fails. */
export function Loaded<T>({ query, skeleton, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error instanceof ApiError && query.error.code === 'not_found') return <Gone />;
  if (query.error !== null && query.error !== undefined) return <ErrorCallout error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div role="status" aria-label="Loading">
      {skeleton ?? <Rows />}
    </div>
  );
}

/** What was asked for is not there, or not any more. */
export function Gone() {
  return (
    <Card>
      <Empty Icon={IconMapOff} title="There is nothing at this address" action={<LinkButton to="/">To the overview</LinkButton>}>
        It may have been removed, or the link is incomplete. Runs and resolved alerts disappear when their retention ends.
      </Empty>
    </Card>
  );
}

/** The outline of a list. */
export function Rows({ count = 4, height = 44 }: { readonly count?: number; readonly height?: number }) {
  return (
    <div style={{ display: 'grid', gap: 8 }}>
      {Array.from({ length: count }, (_, row) => (
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </div>
  );
}
