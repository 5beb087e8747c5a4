import { IconBolt, IconSearchOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { actionsQuery } from '../../data/actions.ts';
import type { Action } from '../../data/types.ts';
import { FilterBar } from '../../parts/choices.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { ActionTile } from './action-tile.tsx';
import styles from './actions-page.module.css';
import { RunDialog } from './run-dialog.tsx';

const route = getRouteApi('/shell/actions');

export function ActionsPage() {
  const { text = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(actionsQuery);
  const [asked, setAsked] = useState<Action | null>(null);
  return (
    <Page title="Actions" subtitle="Named commands with a limit and a witness: run by hand, by a trigger, or through the API.">
      <FilterBar
        search={
          <SearchField
            label="Search actions"
            value={text}
            onChange={(next) => void navigate({ search: next === '' ? {} : { text: next }, replace: true })}
          />
        }
      />
      <Loaded query={query} skeleton={<Rows count={3} height={150} />}>
        {({ items }) => {
          if (items.length === 0) return <NoActions />;
          const found = items.filter((action) => matches(action, text)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
          if (found.length === 0) return <NoMatch />;
          return (
            <ul className={styles['tiles']}>
              {found.map((action) => (
                <li key={action.name}>
                  <ActionTile action={action} onRun={() => setAsked(action)} />
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
      {asked !== null && <RunDialog action={asked} onClose={() => setAsked(null)} />}
    </Page>
  );
}

function NoActions() {
  return (
    <Card>
      <Empty Icon={IconBolt} title="No actions yet">
        Define them under “actions” in tocsin.yml: a command as a list of arguments, typed parameters, who must approve. They appear here as
        soon as the file is saved.
      </Empty>
    </Card>
  );
}

function NoMatch() {
  return (
    <Card>
      <Empty Icon={IconSearchOff} title="No action matches">
        The search looks at names, descriptions and commands.
      </Empty>
    </Card>
  );
}

function matches(action: Action, text: string): boolean {
  const words = [action.name, action.description, ...action.command].join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => words.includes(word));
}
