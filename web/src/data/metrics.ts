import { queryOptions } from '@tanstack/react-query';
import { getJson } from './client.ts';
import { keys } from './keys.ts';
import { countsOf, isObject, labelsOf, metadataOf, type MetricLabels, MOST_SERIES, typeByName } from './metric-facts.ts';

/** What is known of a metric. */
export interface Metric {
  readonly name: string;
  /** `counter`, `gauge`...; as its target says, else as its name says, else ''. */
  readonly type: string;
  readonly help: string;
  /** Series at the moment; null: the store does not tell. */
  readonly series: number | null;
}

/** More names are not listed. */
export const MOST_NAMES = 10_000;
const FRESH_MS = 60_000;
const EMPTY_MS = 5000;
const LOOK_BACK_S = 12 * 3600;

/** Every metric that had samples in the last twelve hours, by name. */
export const metricsQuery = queryOptions<readonly Metric[]>({
  queryKey: keys.metrics,
  staleTime: FRESH_MS,
  // A server that has just begun soon has some.
  refetchInterval: ({ state }) => (state.data?.length === 0 ? EMPTY_MS : false),
  queryFn: async ({ signal }): Promise<readonly Metric[]> => {
    const [names, counted, told] = await Promise.all([
      dataOf(`/api/v1/label/__name__/values?limit=${MOST_NAMES}&start=${since()}`, signal),
      dataOf(`/api/v1/status/tsdb?limit=${MOST_NAMES}`, signal).catch(() => null),
      dataOf('/api/v1/metadata?limit_per_metric=1', signal).catch(() => null),
    ]);
    const counts = countsOf(counted);
    const texts = isObject(told) ? told : {};
    return (Array.isArray(names) ? names : [])
      .filter((name) => typeof name === 'string')
      .map((name) => {
        const { type, help } = metadataOf(texts, name);
        return { name, type: type === '' || type === 'unknown' ? typeByName(name) : type, help, series: counts.get(name) ?? null };
      });
  },
});

/** The labels of one metric with their values. `selector`: the metric as PromQL selects it. */
export function metricLabelsQuery(selector: string) {
  return queryOptions({
    queryKey: [...keys.metrics, selector],
    staleTime: FRESH_MS,
    refetchInterval: false,
    queryFn: async ({ signal }): Promise<MetricLabels> => {
      const params = new URLSearchParams({ 'match[]': selector, limit: String(MOST_SERIES), start: String(since()) });
      const data = await dataOf(`/api/v1/series?${params}`, signal);
      return labelsOf(Array.isArray(data) ? data : []);
    },
  });
}

async function dataOf(path: string, signal: AbortSignal): Promise<unknown> {
  const body = await getJson(path, signal);
  return isObject(body) ? body['data'] : null;
}

function since(): number {
  return Math.floor(Date.now() / 1000) - LOOK_BACK_S;
}
