import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorCallout } from './callout.tsx';

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
  if (query.error !== null && query.error !== undefined) return <ErrorCallout error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div role="status" aria-label="Loading">
      {skeleton ?? <Rows />}
    </div>
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
