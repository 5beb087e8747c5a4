import { IconSearchOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { hostsQuery } from '../../data/hosts.ts';
import type { Host } from '../../data/types.ts';
import { FilterBar } from '../../parts/choices.tsx';
import { Empty } from '../../parts/empty.tsx';
import { plural } from '../../parts/format.ts';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { HostTiles } from './host-tiles.tsx';
import { NoHosts } from './no-hosts.tsx';

const route = getRouteApi('/shell/hosts');

export function HostsPage() {
  const { text = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(hostsQuery);
  const search = (next: string): void => void navigate({ search: next === '' ? {} : { text: next }, replace: true });
  return (
    <Page title="Hosts" subtitle={query.data !== undefined && query.data.items.length > 0 && describe(query.data.items)}>
      <FilterBar search={<SearchField label="Search hosts" value={text} onChange={search} />} />
      <Loaded query={query} skeleton={<Rows count={3} height={150} />}>
        {({ items }) => {
          if (items.length === 0) return <NoHosts />;
          const found = items.filter((host) => matches(host, text)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
          if (found.length > 0) return <HostTiles hosts={found} />;
          return (
            <Card>
              <Empty Icon={IconSearchOff} title="No host matches">
                The search looks at names, systems and labels.
              </Empty>
            </Card>
          );
        }}
      </Loaded>
    </Page>
  );
}

function describe(hosts: readonly Host[]): string {
  const connected = hosts.filter((host) => host.connected).length;
  return connected === hosts.length
    ? `${plural(connected, 'host')}, all connected`
    : `${plural(hosts.length, 'host')}, ${connected} connected`;
}

function matches(host: Host, text: string): boolean {
  const words = [host.name, host.os, ...Object.entries(host.labels).map(([name, value]) => `${name}=${value}`)].join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => words.includes(word));
}
