import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { auditQuery } from '../../data/system.ts';
import type { AuditEntry } from '../../data/types.ts';
import { ActorName } from '../../parts/actor-name.tsx';
import { FilterBar } from '../../parts/choices.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { More } from '../../parts/more.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { Moment } from '../../parts/time.tsx';
import styles from './settings.module.css';

const route = getRouteApi('/shell/settings/audit');

export function AuditPage() {
  const { about = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(auditQuery(about));
  return (
    <Page title="Audit log" subtitle="Every change: when, who, why, and what it concerned.">
      <FilterBar
        search={
          <SearchField
            label="About, as alert/ID or user/NAME"
            value={about}
            onChange={(text) => void navigate({ search: text === '' ? {} : { about: text }, replace: true })}
          />
        }
      />
      <Card flush>
        <Loaded query={query} skeleton={<Rows count={8} />}>
          {({ pages }) => {
            const entries = pages.flatMap(({ items }) => items);
            if (entries.length === 0) return <Empty Icon={IconHistory} title="Nothing recorded" />;
            return (
              <>
                <ul className={styles['list']}>
                  {entries.map((entry) => (
                    <li key={entry.id}>
                      <Entry entry={entry} />
                    </li>
                  ))}
                </ul>
                <More pages={query} />
              </>
            );
          }}
        </Loaded>
      </Card>
    </Page>
  );
}

function Entry({ entry }: { readonly entry: AuditEntry }) {
  return (
    <>
      <div className={styles['grow']}>
        <div style={{ overflowWrap: 'anywhere' }}>{entry.why}</div>
        <div className={styles['meta']}>
          <ActorName who={entry.who} />
          {entry.about.slice(0, 4).map((subject) => (
            <Subject key={subject} subject={subject} />
          ))}
        </div>
      </div>
      <span className={styles['meta']}>
        <Moment at={entry.at} />
      </span>
    </>
  );
}

function Subject({ subject }: { readonly subject: string }) {
  const slash = subject.indexOf('/');
  const id = subject.slice(slash + 1);
  if (subject.startsWith('alert/')) {
    return (
      <Link to="/alerts/$id" params={{ id }}>
        alert
      </Link>
    );
  }
  if (subject.startsWith('run/')) {
    return (
      <Link to="/runs/$id" params={{ id }}>
        run
      </Link>
    );
  }
  return <span>{subject.startsWith('message/') || subject.startsWith('group/') ? subject.slice(0, slash) : subject}</span>;
}
