import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { formatProblem } from '../../core/base/problem.ts';
import { formatValue } from '../../core/promql/number.ts';
import { parseExpr } from '../../core/promql/parse-expr.ts';
import { selectorsOf } from '../../core/promql/selectors-of.ts';
import type { ServerParts } from '../parts.ts';
import { sendData, sendQueryError } from './envelope.ts';
import type { Metadata, SeriesExemplars } from './series-part.ts';
import { EARLIEST, LATEST, parseWhole, readParams, timeParam, type Param } from './params.ts';

const config = { gate: { access: 'read', basic: true, errors: 'prometheus' } } as const;

/** `/api/v1/metadata`: what senders and the targets that are scraped say of their metrics; and `query_exemplars`. */
export function serveCatalogue(server: FastifyInstance, parts: ServerParts): void {
  server.get('/api/v1/metadata', { config }, (request, reply) => sendMetadata(parts, request, reply));
  server.route({
    method: ['GET', 'POST'],
    url: '/api/v1/query_exemplars',
    config,
    handler: (request, reply) => sendExemplars(parts, request, reply),
  });
}

async function sendMetadata({ scraping, series }: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const params = readParams(request);
  const limit = numberParam(params, 'limit');
  if ('error' in limit) return sendQueryError(reply, limit);
  const limitPerMetric = numberParam(params, 'limit_per_metric');
  if ('error' in limitPerMetric) return sendQueryError(reply, limitPerMetric);
  const told = await series.metadata();
  if ('error' in told) return sendQueryError(reply, told);
  const wanted = params.get('metric') ?? '';
  const mostOfOne = limitPerMetric.value ?? 0;
  const found = new Map<string, Map<string, Metadata>>();
  const add = (name: string, { type, help, unit }: Metadata): void => {
    if (wanted !== '' && name !== wanted) return;
    const known = found.get(name) ?? new Map<string, Metadata>();
    if (mostOfOne <= 0 || known.size < mostOfOne) known.set(JSON.stringify([type, help, unit]), { type, help, unit });
    found.set(name, known);
  };
  for (const { families } of scraping?.active() ?? []) for (const [name, family] of families) add(name, family);
  for (const [name, list] of told.items) for (const one of list) add(name, one);
  const most = limit.value === null || limit.value < 0 ? found.size : limit.value;
  return sendData(reply, Object.fromEntries([...found].slice(0, most).map(([name, known]) => [name, [...known.values()]])));
}

function numberParam(params: URLSearchParams, name: string): Param<number | null> {
  const text = params.get(name) ?? '';
  const value = parseWhole(text);
  return text !== '' && value === null ? { errorType: 'bad_data', error: `${name} must be a number` } : { value };
}

async function sendExemplars({ series }: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const params = readParams(request);
  const start = timeParam(params, 'start', EARLIEST);
  if ('error' in start) return sendQueryError(reply, start);
  const end = timeParam(params, 'end', LATEST);
  if ('error' in end) return sendQueryError(reply, end);
  if (end.value < start.value) {
    return sendQueryError(reply, { errorType: 'bad_data', error: 'end timestamp must not be before start timestamp' });
  }
  const { value, problems } = parseExpr(params.get('query') ?? '');
  if (value === null) return sendQueryError(reply, { errorType: 'bad_data', error: problems.map(formatProblem).join('\n') });
  const selectors = selectorsOf(value).map(({ matchers }) => matchers.map(({ name, op, value: text }) => ({ name, op, value: text })));
  if (selectors.length === 0) return reply.code(204).send();
  const found = await series.exemplars({ selectors, start: start.value, end: end.value });
  if ('error' in found) return sendQueryError(reply, found);
  return sendData(reply, found.items.map(toDocument));
}

function toDocument({ labels, exemplars }: SeriesExemplars): unknown {
  return {
    seriesLabels: labels,
    exemplars: exemplars.map((one) => ({ labels: one.labels, value: formatValue(one.value), timestamp: one.time / 1_000 })),
  };
}
