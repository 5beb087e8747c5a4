import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { increase } from '../core/base/counters.ts';
import type { Problem } from '../core/base/problem.ts';
import { formatProblem } from '../core/base/problem.ts';
import { ERROR_STATUS, type ErrorCode } from '../contract/endpoint.ts';
import { drain } from './drain.ts';
import { METRICS } from './metrics.ts';
import type { ServerParts } from './parts.ts';

/** Why a request is answered with an error, in the words of our API. */
export interface Refused {
  readonly code: ErrorCode;
  readonly message: string;
  readonly problems?: readonly Problem[] | undefined;
  /** Where a foreign protocol wants another status than our API has for the code. */
  readonly status?: number;
}

const PROMETHEUS_TYPES: Readonly<Record<ErrorCode, string>> = {
  bad_request: 'bad_data',
  unauthenticated: 'unauthorized',
  forbidden: 'forbidden',
  not_found: 'not_found',
  conflict: 'bad_data',
  too_large: 'bad_data',
  too_many_requests: 'unavailable',
  internal: 'internal',
  unavailable: 'unavailable',
};

/** The one place where an error becomes an answer, in the envelope that the route's clients know. */
export function sendRefusal(reply: FastifyReply, refused: Refused): FastifyReply {
  const { code, message } = refused;
  void reply.code(refused.status ?? ERROR_STATUS[code]).header('cache-control', 'no-store');
  const envelope = reply.request.routeOptions.config.gate?.errors ?? (reply.request.url.startsWith('/api/v1/') ? 'prometheus' : 'ours');
  if (envelope === 'text') return reply.type('text/plain; charset=utf-8').send(`${message}\n`);
  void reply.removeHeader('content-disposition').type('application/json; charset=utf-8');
  if (envelope === 'prometheus') {
    return reply.send({ status: 'error', errorType: PROMETHEUS_TYPES[code], error: message });
  }
  const problems = (refused.problems ?? []).map((problem) =>
    problem.line === undefined && problem.file === undefined
      ? { message: problem.message, ...(problem.path !== undefined && { path: problem.path }) }
      : { message: formatProblem({ ...problem, path: '' }), ...(problem.path !== undefined && { path: problem.path }) },
  );
  return reply.send({ error: { code, message, ...(problems.length > 0 && { problems }) } });
}

/** What Fastify throws, and what nobody expected: the latter is logged with an id, and only the id is told. */
export function answerErrors(server: FastifyInstance, parts: ServerParts): void {
  server.setErrorHandler(async (error: FastifyError, request, reply) => {
    const known = describeFastifyError(error);
    if (known?.code === 'too_large') await drain(request, parts.timers);
    if (known !== null) return sendRefusal(reply, known);
    const id = parts.world.random.id();
    increase(parts.counters, METRICS.internalErrors);
    parts.world.log.error('request failed', { id, ...describeRequest(request), error: error.stack ?? String(error) });
    return sendRefusal(reply, { code: 'internal', message: `Something went wrong; the log has it under ${id}.` });
  });
}

function describeRequest(request: FastifyRequest): Readonly<Record<string, unknown>> {
  return { method: request.method, route: request.routeOptions.url ?? 'none' };
}

function describeFastifyError(error: FastifyError): Refused | null {
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return null;
  if (status === 413) return { code: 'too_large', message: 'The body is too large.' };
  if (status === 415) return { code: 'bad_request', status, message: 'This content type is not understood; send application/json.' };
  if (status === 404) return { code: 'not_found', message: 'There is nothing here.' };
  return {
    code: 'bad_request',
    message:
      error.code === 'FST_ERR_CTP_INVALID_JSON_BODY'
        ? 'The body is not valid JSON, or has a key that no JSON of ours may have.'
        : error.message,
  };
}
