import { IconChecks } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { runsQuery } from '../../data/runs.ts';
import { Empty } from '../../parts/empty.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { More } from '../../parts/more.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { ApprovalCard } from '../runs/approval-card.tsx';

/** Everything that waits for a decision, soonest to expire first. */
export function ApprovalsPage() {
  const query = useInfiniteQuery(runsQuery({ state: 'awaiting approval' }));
  return (
    <Page title="Approvals" subtitle="Actions that wait for a person. Read the exact command, then decide." narrow>
      <Loaded query={query} skeleton={<Rows count={2} height={180} />}>
        {({ pages }) => {
          const runs = pages.flatMap(({ items }) => items).toSorted((a, b) => (a.deadline ?? 0) - (b.deadline ?? 0));
          if (runs.length === 0) return <Nothing />;
          return (
            <>
              {runs.map((run) => (
                <ApprovalCard key={run.id} run={run} />
              ))}
              <More pages={query} />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Nothing() {
  return (
    <Card>
      <Empty
        Icon={IconChecks}
        title="Nothing waits for you"
        action={
          <LinkButton to="/archive" variant="default">
            See what was decided
          </LinkButton>
        }
      >
        When an action asks for approval it appears here at once, with its exact command and who asked for it.
      </Empty>
    </Card>
  );
}
