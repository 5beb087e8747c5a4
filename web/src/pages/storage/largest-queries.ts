import { metricSelector, seriesName } from '../../parts/series-name.ts';

/** The query that shows what a metric with many series is made of. */
export function queryOfMetric(name: string): string {
  return metricSelector(name);
}

/** The query that shows which values a label has, with how many series each. */
export function queryOfLabel(name: string): string {
  const label = seriesName({ [name]: '' }).slice(1, -'=""}'.length);
  return `topk(50, count by (${label}) ({${label}!=""}))`;
}

/** The query that shows the metrics of a label with its value, as the status writes it: `job=node`. */
export function queryOfPair(pair: string): string {
  const at = pair.indexOf('=');
  return `topk(50, count by (__name__) (${seriesName({ [pair.slice(0, at)]: pair.slice(at + 1) })}))`;
}
