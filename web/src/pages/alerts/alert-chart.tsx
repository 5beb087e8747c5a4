import { useQuery } from '@tanstack/react-query';
import { Skeleton } from '@mantine/core';
import { useMemo } from 'react';
import { serverNow } from '../../data/server-time.ts';
import { seriesQuery, type TimeRange } from '../../data/series.ts';
import type { Alert, AlertDetail } from '../../data/types.ts';
import { ErrorCallout } from '../../parts/callout.tsx';
import { Chart } from '../../plots/chart.tsx';
import { type ChartModel, seriesColor } from '../../plots/chart-model.ts';
import { stepFor } from '../../plots/ranges.ts';
import { isSubject, thresholdsOf } from './levels.ts';
import { rangeOfLife } from './life.ts';

const HEIGHT = 220;

interface Props {
  readonly alert: Alert;
  readonly rule: NonNullable<AlertDetail['rule']>;
}

/** The value that the rule judged, from before it began until after it ended, with the levels it crossed. */
export function AlertChart({ alert, rule }: Props) {
  const range = useMemo((): TimeRange => rangeOfLife(alert, serverNow()), [alert.activeAt, alert.resolvedAt]);
  const length = range.kind === 'last' ? range.length : range.to - range.from;
  const query = useQuery(seriesQuery(rule.expr, range, stepFor(length)));
  const { data } = query;
  const model = useMemo((): ChartModel => {
    const series = (data?.series ?? []).filter(({ labels }) => isSubject(labels, alert.labels));
    return {
      unit: 'number',
      at: data?.at ?? [],
      lines: series.slice(0, 1).map(({ values }, index) => ({ label: 'value', color: seriesColor(index), values })),
      thresholds: thresholdsOf(rule),
      near: true,
    };
  }, [data, alert.labels, rule]);
  if (query.error !== null && data === undefined) return <ErrorCallout error={query.error} onRetry={() => void query.refetch()} />;
  if (data === undefined) return <Skeleton height={HEIGHT + 30} radius="md" />;
  // A rule that only looks whether something is there has nothing to draw once it is gone.
  if (model.lines.length === 0 && model.thresholds.length === 0) return null;
  const end = range.kind === 'last' ? serverNow() : range.to;
  return <Chart title={`Value of ${rule.name}`} model={model} from={(end - length) / 1000} to={end / 1000} height={HEIGHT} />;
}
