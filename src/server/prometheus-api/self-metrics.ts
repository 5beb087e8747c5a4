import type { FastifyInstance } from 'fastify';
import { NAME, sortedNames } from '../../core/base/labels.ts';
import { compileMatcher } from '../../core/promql/matcher.ts';
import type { ServerParts } from '../parts.ts';
import { sendData, sendQueryError } from './envelope.ts';
import { readParams } from './params.ts';

const config = { gate: { access: 'read', basic: true, errors: 'prometheus' } } as const;

/** `/api/v1/status/self_metrics`: what `/metrics` says, as the JSON form of the families of Prometheus' protobuf. */
export function serveSelfMetrics(server: FastifyInstance, parts: ServerParts): void {
  server.get('/api/v1/status/self_metrics', { config }, async (request, reply) => {
    const pattern = readParams(request).get('metric_name_pattern') ?? '';
    const matcher = compileMatcher({ name: NAME, op: '=~', value: pattern });
    if (matcher.value === null) {
      return sendQueryError(reply, { errorType: 'bad_data', error: `invalid metric_name_pattern ${JSON.stringify(pattern)}` });
    }
    const isWanted = pattern === '' ? () => true : matcher.value.test;
    await parts.gauges?.();
    const families = [...parts.counters.values()]
      .filter(({ metric }) => isWanted(metric.name))
      .toSorted((a, b) => (a.metric.name < b.metric.name ? -1 : 1));
    return sendData(
      reply,
      families.map(({ metric, values }) => ({
        name: metric.name,
        help: metric.help,
        type: metric.type.toUpperCase(),
        metric: [...values.values()].map(({ labels, value }) => ({
          label: sortedNames(labels).map((name) => ({ name, value: labels[name] ?? '' })),
          [metric.type]: { value: Number.isFinite(value) ? value : String(value) },
        })),
      })),
    );
  });
}
