import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArchiveOff, IconFileSpreadsheet, IconSearchOff } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { messageOf } from '../../data/error.ts';
import { runsQuery } from '../../data/runs.ts';
import { Empty } from '../../parts/empty.tsx';
import { plural } from '../../parts/format.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { More } from '../../parts/more.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { ArchiveFilters } from './archive-filters.tsx';
import { ArchiveTable } from './archive-table.tsx';
import { saveCsv } from './save.ts';

const route = getRouteApi('/shell/archive');

/** Every attempt that was ever made, also those that were refused, rejected or never started. */
export function ArchivePage() {
  const search = route.useSearch();
  const query = useInfiniteQuery(runsQuery(search));
  const save = useMutation({
    mutationFn: () => saveCsv(search),
    onSuccess: (count) => notifications.show({ message: `${plural(count, 'run')} saved as CSV`, color: 'verdigris' }),
    onError: (error) => notifications.show({ message: messageOf(error), color: 'red' }),
  });
  return (
    <Page
      title="Archive"
      subtitle="Every attempt, newest first: who, why, the exact command, its output and whether it helped."
      actions={
        <Button
          variant="default"
          leftSection={<IconFileSpreadsheet size={17} aria-hidden />}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          Save as CSV
        </Button>
      }
    >
      <ArchiveFilters />
      <Card flush>
        <Loaded query={query} skeleton={<div style={{ minHeight: 400 }} />}>
          {({ pages }) => {
            const runs = pages.flatMap(({ items }) => items);
            if (runs.length === 0) return <Nothing filtered={Object.keys(search).length > 0} />;
            return (
              <>
                <ArchiveTable runs={runs} />
                <More pages={query} />
              </>
            );
          }}
        </Loaded>
      </Card>
    </Page>
  );
}

function Nothing({ filtered }: { readonly filtered: boolean }) {
  if (filtered) {
    return (
      <Empty Icon={IconSearchOff} title="No run matches">
        Take a filter away, or look further back.
      </Empty>
    );
  }
  return (
    <Empty Icon={IconArchiveOff} title="Nothing has run yet">
      Run an action, or let a trigger do it: every attempt is kept here, with its output.
    </Empty>
  );
}
