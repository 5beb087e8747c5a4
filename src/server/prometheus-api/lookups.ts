import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { paramsOf } from '../gate.ts';
import type { ServerParts } from '../parts.ts';
import { sendData, sendQueryError } from './envelope.ts';
import { badParam, EARLIEST, LATEST, limitParam, parseLabelName, readParams, selectorsParam, timeParam, type Param } from './params.ts';
import type { LookupAnswer, SeriesQuestion } from './series-part.ts';

const config = { gate: { access: 'read', basic: true, errors: 'prometheus' } } as const;
const BOTH = ['GET', 'POST'];

/** `/api/v1/series`, `labels` and `label/NAME/values`. */
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
}

function questionOf(params: URLSearchParams): Param<SeriesQuestion> {
  const limit = limitParam(params);
  if ('error' in limit) return limit;
  const start = timeParam(params, 'start', EARLIEST);
  if ('error' in start) return start;
  const end = timeParam(params, 'end', LATEST);
  if ('error' in end) return end;
  const selectors = selectorsParam(params);
  if ('error' in selectors) return selectors;
  const plain = selectors.value.map(({ matchers }) => matchers.map(({ name, op, value }) => ({ name, op, value })));
  return { value: { selectors: plain, start: start.value, end: end.value, limit: limit.value } };
}

async function look<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  ask: (question: SeriesQuestion) => Promise<LookupAnswer<T>>,
): Promise<FastifyReply> {
  const question = questionOf(readParams(request));
  if ('error' in question) return sendQueryError(reply, question);
  const { limit } = question.value;
  // One more than is shown, to know whether something is left out.
  const answer = await ask({ ...question.value, limit: limit === 0 ? 0 : limit + 1 });
  if ('error' in answer) return sendQueryError(reply, answer);
  if (limit === 0 || answer.items.length <= limit) return sendData(reply, answer.items, answer.warnings);
  return sendData(reply, answer.items.slice(0, limit), [...answer.warnings, 'results truncated due to limit']);
}

/** Only here the name of the parameter stands before what is wrong with a selector. */
async function sendSeries(parts: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const params = readParams(request);
  if (params.getAll('match[]').length === 0) {
    return sendQueryError(reply, { errorType: 'bad_data', error: 'no match[] parameter provided' });
  }
  const selectors = selectorsParam(params);
  if ('error' in selectors) return sendQueryError(reply, badParam('match[]', selectors.error));
  return look(request, reply, (question) => parts.series.series(question));
}
