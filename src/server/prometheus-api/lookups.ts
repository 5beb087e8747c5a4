import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { paramsOf } from '../gate.ts';
import type { ServerParts } from '../parts.ts';
import { sendData, sendQueryError } from './envelope.ts';
import { EARLIEST, LATEST, limitParam, parseLabelName, readParams, timeParam, type Param } from './params.ts';
import type { LookupAnswer, SeriesQuestion } from './series-part.ts';

const config = { gate: { access: 'read', basic: true, errors: 'prometheus' } } as const;
const BOTH = ['GET', 'POST'];
/** What Grafana chooses its abilities by: the semantics of PromQL here are those of Prometheus 3. */
const PROMETHEUS_VERSION = '3.5.0';
const TOP = 10;

/** `/api/v1/series`, `labels`, `label/NAME/values`, `metadata` and `status/*`. */
export function serveLookups(server: FastifyInstance, parts: ServerParts): void {
  server.route({ method: BOTH, url: '/api/v1/series', config, handler: (request, reply) => sendSeries(parts, request, reply) });
  server.route({
    method: BOTH,
    url: '/api/v1/labels',
    config,
    handler: (request, reply) => look(request, reply, (question) => parts.series.labelNames(question)),
  });
  server.get('/api/v1/label/:name/values', { config }, (request, reply) => {
    const text = paramsOf(request)['name'] ?? '';
    const name = parseLabelName(text);
    if (name === null) return sendQueryError(reply, { errorType: 'bad_data', error: `invalid label name: ${JSON.stringify(text)}` });
    return look(request, reply, (question) => parts.series.labelValues(name, question));
  });
  server.get('/api/v1/metadata', { config }, (_request, reply) => sendData(reply, {}));
  server.get('/api/v1/status/buildinfo', { config }, (_request, reply) =>
    sendData(reply, {
      version: PROMETHEUS_VERSION,
      revision: `tocsin ${parts.version}`,
      branch: '',
      buildUser: '',
      buildDate: '',
      goVersion: '',
    }),
  );
  server.get('/api/v1/status/tsdb', { config }, (request, reply) => sendStatus(parts, request, reply));
}

function questionOf(params: URLSearchParams): Param<SeriesQuestion> {
  const start = timeParam(params, 'start', EARLIEST);
  if ('error' in start) return start;
  const end = timeParam(params, 'end', LATEST);
  if ('error' in end) return end;
  const limit = limitParam(params);
  if ('error' in limit) return limit;
  return { value: { selectors: params.getAll('match[]'), start: start.value, end: end.value, limit: limit.value } };
}

async function look<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  ask: (question: SeriesQuestion) => Promise<LookupAnswer<T>>,
): Promise<FastifyReply> {
  const question = questionOf(readParams(request));
  if ('error' in question) return sendQueryError(reply, question);
  const answer = await ask(question.value);
  if ('error' in answer) return sendQueryError(reply, answer);
  return sendData(reply, answer.items, answer.warnings);
}

async function sendSeries(parts: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (readParams(request).getAll('match[]').length === 0) {
    return sendQueryError(reply, { errorType: 'bad_data', error: 'no match[] parameter provided' });
  }
  return look(request, reply, (question) => parts.series.series(question));
}

async function sendStatus(parts: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const limit = limitParam(readParams(request));
  if ('error' in limit) return sendQueryError(reply, limit);
  const status = await parts.series.status(limit.value === 0 ? TOP : Math.min(limit.value, 10_000));
  const { numSeries, numLabelPairs, chunkCount, minTime, maxTime } = status;
  return sendData(reply, {
    headStats: { numSeries, numLabelPairs, chunkCount, minTime, maxTime },
    seriesCountByMetricName: status.seriesCountByMetricName,
    labelValueCountByLabelName: status.labelValueCountByLabelName,
    memoryInBytesByLabelName: [],
    seriesCountByLabelValuePair: [],
  });
}
