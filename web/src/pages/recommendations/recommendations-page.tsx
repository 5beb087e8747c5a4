import { SegmentedControl } from '@mantine/core';
import { IconBook2 } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { recommendationsQuery } from '../../data/recommendations.ts';
import { Empty } from '../../parts/empty.tsx';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { More } from '../../parts/more.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { RecommendationCard } from './recommendation-card.tsx';

const route = getRouteApi('/shell/recommendations');

export function RecommendationsPage() {
  const { all = false } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(recommendationsQuery(!all));
  return (
    <Page
      title="Recommendations"
      subtitle="What people should do where no action can help."
      narrow
      actions={
        <SegmentedControl
          aria-label="Which recommendations"
          data={[
            { value: 'active', label: 'Active' },
            { value: 'all', label: 'All' },
          ]}
          value={all ? 'all' : 'active'}
          onChange={(value) => void navigate({ search: value === 'all' ? { all: true } : {} })}
        />
      }
    >
      <Loaded query={query} skeleton={<Rows count={2} height={240} />}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <Nothing all={all} />;
          return (
            <>
              {items.map((item) => (
                <RecommendationCard key={item.id} item={item} />
              ))}
              <More pages={query} />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Nothing({ all }: { readonly all: boolean }) {
  return (
    <Card>
      <Empty Icon={IconBook2} title={all ? 'No recommendation was ever shown' : 'Nothing to follow'}>
        A trigger with “recommend” shows instructions here when its alert fires: for a broken disk, a fan, a cable. Define them under
        “recommendations” in tocsin.yml.
      </Empty>
    </Card>
  );
}
