import { Skeleton } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { alignedRange, NO_COLUMNS } from '../../data/columns.ts';
import { serverNow } from '../../data/server-time.ts';
import { seriesQuery, type TimeRange } from '../../data/series.ts';
import { formatDuration } from '../../../../src/core/base/time.ts';
import type { ExploreSearch } from '../../app/explore-search.ts';
import { ErrorCallout } from '../../parts/callout.tsx';
import { ExploreLink } from '../../parts/explore-link.tsx';
import { Card } from '../../parts/page.tsx';
import { Chart } from '../../plots/chart.tsx';
import { lengthOf } from '../../plots/ranges.ts';
import type { ChartPlan } from './host-charts.ts';

interface Props {
  readonly plan: ChartPlan;
  readonly range: TimeRange;
  readonly step: number;
  readonly onZoom: (from: number, to: number) => void;
  readonly onReset: () => void;
}

const HEIGHT = 190;

export function HostChart({ plan, range, step, onZoom, onReset }: Props) {
  const answers = useQueries({ queries: plan.exprs.map((expr) => seriesQuery(expr, range, step)) });
  const loaded = answers.every(({ data, error }) => data !== undefined || error !== null);
  const failed = answers.find(({ error, data }) => error !== null && data === undefined);
  const changed = answers.map(({ dataUpdatedAt }) => dataUpdatedAt).join();
  const model = useMemo(() => plan.model(answers.map(({ data }) => data ?? NO_COLUMNS)), [plan, changed]);
  const bounds = range.kind === 'fixed' ? { start: range.from, end: range.to } : alignedRange(serverNow(), lengthOf(range), step);
  const shown = useLast({ model, from: bounds.start / 1000, to: bounds.end / 1000 }, loaded);
  return (
    <Card
      title={plan.title}
      aside={
        <>
          {plan.hint}
          <ExploreLink about={plan.title} search={searchOf(plan.exprs, range)} />
        </>
      }
    >
      {failed !== undefined && <ErrorCallout error={failed.error} onRetry={() => void failed.refetch()} />}
      {failed === undefined && shown === null && <Skeleton height={HEIGHT + 30} radius="md" />}
      {failed === undefined && shown !== null && (
        <Chart title={plan.title} {...shown} height={HEIGHT} syncKey="host" onZoom={onZoom} onReset={onReset} />
      )}
    </Card>
  );
}

/** The value, or while it is not whole the last one that was: the picture stays until the next one is there. */
function useLast<T>(value: T, whole: boolean): T | null {
  const last = useRef<T | null>(null);
  useEffect(() => {
    if (whole) last.current = value;
  });
  return whole ? value : last.current;
}

function searchOf(exprs: readonly string[], range: TimeRange): ExploreSearch {
  const time = range.kind === 'fixed' ? { from: range.from, to: range.to } : { range: formatDuration(range.length) };
  return { q: exprs, ...time };
}
