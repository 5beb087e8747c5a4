import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { actionsQuery } from '../../data/actions.ts';
import { hostsQuery } from '../../data/hosts.ts';
import { OPEN_STATES, type RunFilter } from '../../data/runs.ts';
import { FilterBar } from '../../parts/choices.tsx';
import { RUN_STATES, runStateLook, VERIFICATIONS, verdictLook } from '../../parts/run-state.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { formatDay, parseDay } from './days.ts';

const route = getRouteApi('/shell/archive');

const STATES = [
  { value: '', label: 'Any state' },
  { value: OPEN_STATES, label: 'Open' },
  ...RUN_STATES.map((state) => ({ value: state, label: runStateLook(state).word })),
];
const VERDICTS = [{ value: '', label: 'Any verdict' }, ...VERIFICATIONS.map((name) => ({ value: name, label: verdictLook(name).word }))];

export function ArchiveFilters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const actions = useQuery(actionsQuery).data?.items ?? [];
  const hosts = useQuery(hostsQuery).data?.items ?? [];
  const set = (change: Partial<Record<keyof RunFilter, string | number | undefined>>): void =>
    void navigate({
      search: (before) =>
        Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== '' && value !== undefined)),
      replace: true,
    });
  return (
    <FilterBar search={<SearchField label="Search runs" value={search.text ?? ''} onChange={(text) => set({ text })} />}>
      <NativeSelect
        aria-label="State"
        data={STATES}
        value={search.state ?? ''}
        onChange={(event) => set({ state: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label="Verdict"
        data={VERDICTS}
        value={search.verification ?? ''}
        onChange={(event) => set({ verification: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label="Action"
        data={[{ value: '', label: 'Any action' }, ...actions.map(({ name }) => name)]}
        value={search.action ?? ''}
        onChange={(event) => set({ action: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label="Host"
        data={[{ value: '', label: 'Any host' }, ...hosts.map(({ name }) => name)]}
        value={search.host ?? ''}
        onChange={(event) => set({ host: event.currentTarget.value })}
      />
      <TextInput
        aria-label="Asked by"
        placeholder="Asked by"
        defaultValue={search.requestedBy ?? ''}
        onBlur={(event) => set({ requestedBy: event.currentTarget.value.trim() })}
        onKeyDown={(event) => event.key === 'Enter' && set({ requestedBy: event.currentTarget.value.trim() })}
        style={{ width: 130 }}
      />
      <TextInput
        type="date"
        aria-label="From day"
        value={formatDay(search.from)}
        onChange={(event) => set({ from: parseDay(event.currentTarget.value, 'begin') })}
      />
      <TextInput
        type="date"
        aria-label="To day"
        value={formatDay(search.to)}
        onChange={(event) => set({ to: parseDay(event.currentTarget.value, 'end') })}
      />
      {Object.keys(search).length > 0 && (
        <Button variant="subtle" size="compact-sm" onClick={() => void navigate({ search: {} })}>
          Clear filters
        </Button>
      )}
    </FilterBar>
  );
}
