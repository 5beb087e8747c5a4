import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Refusal } from '../../core/base/result.ts';
import { principalOf } from '../gate.ts';
import type { ServerParts } from '../parts.ts';
import { sendData, sendQueryError } from './envelope.ts';
import { badParam, EARLIEST, LATEST, readParams, selectorsParam, timeParam } from './params.ts';

const config = { gate: { access: 'administer', basic: true, errors: 'prometheus' } } as const;
const METHODS = ['POST', 'PUT'];
const REASON = 'asked over the Prometheus API';

/** `/api/v1/admin/tsdb/*`: always there, for administrators only. */
export function serveAdmin(server: FastifyInstance, parts: ServerParts): void {
  const serve = (name: string, handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>): void => {
    server.route({ method: METHODS, url: `/api/v1/admin/tsdb/${name}`, config, handler });
  };
  serve('delete_series', (request, reply) => deleteSeries(parts, request, reply));
  serve('snapshot', (request, reply) => takeSnapshot(parts, request, reply));
  serve('clean_tombstones', async (request, reply) => {
    const cleaned = await parts.keeping.clean(principalOf(request));
    return 'error' in cleaned ? sendRefused(reply, cleaned.error) : reply.code(204).send();
  });
}

/** What Go's ParseBool takes. */
const BOOLEANS: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((word) => [word, true] as const),
  ...['', '0', 'f', 'F', 'FALSE', 'false', 'False'].map((word) => [word, false] as const),
]);

async function takeSnapshot(parts: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const text = readParams(request).get('skip_head') ?? '';
  const skipHead = Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined;
  if (skipHead === undefined) {
    const why = `unable to parse boolean: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;
    return sendQueryError(reply, badParam('skip_head', why));
  }
  const made = await parts.keeping.snapshot(principalOf(request), { name: null, scope: skipHead ? 'blocks' : 'all' });
  return 'error' in made ? sendRefused(reply, made.error) : sendData(reply, { name: made.ok.name });
}

async function deleteSeries(parts: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const params = readParams(request);
  const texts = params.getAll('match[]');
  if (texts.length === 0) return sendQueryError(reply, { errorType: 'bad_data', error: 'no match[] parameter provided' });
  const start = timeParam(params, 'start', EARLIEST);
  if ('error' in start) return sendQueryError(reply, start);
  const end = timeParam(params, 'end', LATEST);
  if ('error' in end) return sendQueryError(reply, end);
  const selected = selectorsParam(params);
  if ('error' in selected) return sendQueryError(reply, badParam('match[]', selected.error));
  const selectors = selected.value.map(({ matchers }) => matchers.map(({ name, op, value }) => ({ name, op, value })));
  const wish = { texts, selectors, from: start.value, to: end.value, reason: REASON };
  const deleted = await parts.keeping.delete(principalOf(request), wish);
  return 'error' in deleted ? sendRefused(reply, deleted.error) : reply.code(204).send();
}

function sendRefused(reply: FastifyReply, { code, message }: Refusal): FastifyReply {
  // What is held may not be deleted, however often it is asked for.
  const errorType = code === 'unavailable' ? 'unavailable' : code === 'conflict' ? 'execution' : 'internal';
  return sendQueryError(reply, { errorType, error: message });
}
