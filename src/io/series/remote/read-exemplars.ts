import { SECOND } from '../../../core/base/time.ts';
import { parseNumber } from '../../../core/promql/number.ts';
import type { Exemplar } from '../../../core/series/exemplars.ts';
import type { SeriesExemplars } from '../../../core/series/find-exemplars.ts';
import type { MetricMetadata } from '../../../core/series/metric-catalogue.ts';
import { METRIC_TYPES } from '../../../core/wire/metric-type.ts';
import type { MetricDescriptions } from '../messages.ts';
import { isObject, readLabels } from './read-result.ts';

/** The `data` of `query_exemplars` as Prometheus answers it; what is none is left out. */
export function readExemplars(data: unknown): SeriesExemplars[] {
  if (!Array.isArray(data)) return [];
  return (data as readonly unknown[]).flatMap((one) => {
    if (!isObject(one) || !isObject(one['seriesLabels']) || !Array.isArray(one['exemplars'])) return [];
    return [{ labels: readLabels(one['seriesLabels']), exemplars: (one['exemplars'] as readonly unknown[]).flatMap(readExemplar) }];
  });
}

function readExemplar(one: unknown): Exemplar[] {
  if (!isObject(one) || !isObject(one['labels']) || typeof one['value'] !== 'string' || typeof one['timestamp'] !== 'number') return [];
  const value = parseNumber(one['value']);
  return value === null ? [] : [{ labels: readLabels(one['labels']), value, time: Math.round(one['timestamp'] * SECOND) }];
}

/** The `data` of `metadata` as Prometheus answers it; what is none is left out. */
export function readMetadata(data: unknown): MetricDescriptions {
  if (!isObject(data)) return new Map();
  return new Map(Object.entries(data).map(([name, list]) => [name, Array.isArray(list) ? list.flatMap(readDescription) : []]));
}

function readDescription(one: unknown): MetricMetadata[] {
  if (!isObject(one)) return [];
  const { type, help, unit } = one;
  const known = METRIC_TYPES.find((each) => each === type) ?? 'unknown';
  return [{ type: known, help: typeof help === 'string' ? help : '', unit: typeof unit === 'string' ? unit : '' }];
}
