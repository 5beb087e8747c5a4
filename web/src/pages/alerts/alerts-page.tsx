import { IconBellOff, IconSearchOff } from '@tabler/icons-react';
import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { type AlertFilter, alertsQuery } from '../../data/alerts.ts';
import type { AlertState, Severity } from '../../data/types.ts';
import { AlertRows } from '../../parts/alert-row.tsx';
import { alertStateWord } from '../../parts/alert-state.tsx';
import { Choices, FilterBar } from '../../parts/choices.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { More } from '../../parts/more.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { SEVERITIES, SeverityMark, severityWord } from '../../parts/severity.tsx';

const route = getRouteApi('/shell/alerts');
const STATES: readonly AlertState[] = ['firing', 'pending', 'resolved'];
const OPEN = 'firing,pending';
const ALL = 'firing,pending,resolved';

export function AlertsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const filter: AlertFilter = { ...search, state: search.state ?? OPEN };
  const query = useInfiniteQuery(alertsQuery(filter));
  const set = (change: AlertFilter): void =>
    void navigate({
      search: (before) => Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== '')),
      replace: true,
    });
  const states = filter.state?.split(',').filter((state): state is AlertState => STATES.some((known) => known === state)) ?? [];
  const severities = search.severity?.split(',').filter((name): name is Severity => SEVERITIES.some((known) => known === name)) ?? [];
  return (
    <Page title="Alerts" subtitle="What is not as it should be, newest first.">
      <FilterBar search={<SearchField label="Search alerts" value={search.text ?? ''} onChange={(text) => set({ text })} />}>
        <Choices
          label="State"
          choices={STATES.map((value) => ({ value, label: alertStateWord(value) }))}
          chosen={states}
          onChange={(chosen) => set({ state: chosen.length === 0 ? ALL : chosen.join(',') })}
        />
        <Choices
          label="Severity"
          choices={SEVERITIES.map((value) => ({ value, label: severityWord(value), mark: <SeverityMark severity={value} size={14} /> }))}
          chosen={severities}
          onChange={(chosen) => set({ severity: chosen.join(',') })}
        />
        <MatcherField value={search.filter ?? ''} onChange={(text) => set({ filter: text })} />
      </FilterBar>
      <Card flush>
        <Loaded query={query} skeleton={<div style={{ padding: '0 24px', minHeight: 320 }} />}>
          {({ pages }) => {
            const alerts = pages.flatMap(({ items }) => items);
            if (alerts.length === 0) return <Nothing filtered={isFiltered(search)} />;
            return (
              <>
                <AlertRows alerts={alerts} />
                <More pages={query} />
              </>
            );
          }}
        </Loaded>
      </Card>
    </Page>
  );
}

function isFiltered({ text, severity, filter, host, rule, state }: AlertFilter): boolean {
  return [text, severity, filter, host, rule].some((value) => value !== undefined) || (state !== undefined && state !== OPEN);
}

function Nothing({ filtered }: { readonly filtered: boolean }) {
  if (filtered) {
    return (
      <Empty Icon={IconSearchOff} title="No alert matches">
        Take a filter away, or choose more states.
      </Empty>
    );
  }
  return (
    <Empty Icon={IconBellOff} title="All quiet">
      Nothing fires and nothing is pending. Choose Resolved above to see what was.
    </Empty>
  );
}

function MatcherField({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  const tell = useDebouncedCallback(onChange, 500);
  return (
    <TextInput
      aria-label="Label matchers"
      placeholder={'team="shop", instance=~"web-.*"'}
      value={text}
      maxLength={2000}
      onChange={(event) => {
        setText(event.currentTarget.value);
        tell(event.currentTarget.value.trim());
      }}
      styles={{ input: { fontFamily: 'var(--mono)', fontSize: 13 } }}
      style={{ flex: '1 1 260px', maxWidth: 420 }}
      spellCheck={false}
    />
  );
}
