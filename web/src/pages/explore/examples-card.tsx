import { IconChartLine } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { metricsQuery } from '../../data/metrics.ts';
import { Empty } from '../../parts/empty.tsx';
import { Card } from '../../parts/page.tsx';
import { examplesFor } from './examples.ts';
import styles from './explore.module.css';

/** Where the results would be: queries to begin with that have something to show here. */
export function ExamplesCard({ onChoose }: { readonly onChoose: (expr: string) => void }) {
  const { data, isPending } = useQuery(metricsQuery);
  const examples = useMemo(() => examplesFor(new Set((data ?? []).map(({ name }) => name))), [data]);
  if (isPending) return null;
  if (data?.length === 0) {
    return (
      <Card>
        <Empty Icon={IconChartLine} title="There is nothing to ask about yet">
          Series appear as soon as an agent, a scrape or a sender brings samples.
        </Empty>
      </Card>
    );
  }
  return (
    <Card title="Begin with one of these" aside="A click asks it; then change it as you like">
      <ul className={styles['examples']}>
        {examples.map(({ title, expr }) => (
          <li key={expr}>
            <button type="button" onClick={() => onChoose(expr)}>
              <span>{title}</span>
              <code>{expr}</code>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
