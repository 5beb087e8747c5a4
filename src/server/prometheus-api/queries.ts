import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { increase } from '../../core/base/counters.ts';
import { SECOND, type Millis } from '../../core/base/time.ts';
import { METRICS } from '../metrics.ts';
import type { ServerParts } from '../parts.ts';
import { sendAnswer, sendQueryError } from './envelope.ts';
import { badParam, durationParam, limitParam, lookbackParam, neededTimeParam, readParams, timeParam } from './params.ts';
import type { QueryAnswer, QueryCost, QueryError, QueryOptions } from './series-part.ts';

const MOST_POINTS = 11_000;
const TOO_FINE: QueryError = {
  errorType: 'bad_data',
  error: 'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
};

const config = { gate: { access: 'read', basic: true, errors: 'prometheus' } } as const;

/** `/api/v1/query` and `/api/v1/query_range`. */
export function serveQueries(server: FastifyInstance, parts: ServerParts): void {
  const method = ['GET', 'POST'];
  server.route({ method, url: '/api/v1/query', config, handler: (request, reply) => ask(parts, request, reply, askInstant) });
  server.route({ method, url: '/api/v1/query_range', config, handler: (request, reply) => ask(parts, request, reply, askRange) });
}

type Ask = (parts: ServerParts, params: URLSearchParams, options: QueryOptions) => Promise<QueryAnswer> | QueryError;

async function ask(parts: ServerParts, request: FastifyRequest, reply: FastifyReply, how: Ask): Promise<FastifyReply> {
  const kind = how === askInstant ? 'instant' : 'range';
  const began = performance.now();
  const params = readParams(request);
  const timeout = durationParam(params, 'timeout');
  if ('error' in timeout) return sendQueryError(reply, timeout);
  const lookback = lookbackParam(params);
  if ('error' in lookback) return sendQueryError(reply, lookback);
  const limit = limitParam(params);
  if ('error' in limit) return sendQueryError(reply, limit);
  const longest = parts.series.limits.timeout;
  const leaving = new AbortController();
  const leave = (): void => {
    if (!reply.raw.writableFinished) leaving.abort();
  };
  reply.raw.once('close', leave);
  const given = { timeout: Math.min(timeout.value ?? longest, longest), lookback: lookback.value, signal: leaving.signal };
  const answer = await how(parts, params, given);
  reply.raw.off('close', leave);
  increase(parts.counters, METRICS.queries, { kind, outcome: 'error' in answer ? answer.errorType : 'ok' });
  if ('error' in answer) return sendQueryError(reply, answer);
  const stats = (params.get('stats') ?? '') === '' ? null : statsOf(answer.cost, performance.now() - began);
  const tiers = answer.cost?.tiers ?? [];
  if (tiers.length > 0) void reply.header('x-tocsin-tier', tiers.join(','));
  return sendAnswer(reply, answer, { limit: limit.value, stats });
}

/** Seconds, as Prometheus says them: waiting is what neither reading nor evaluating the expression took, sorting is part of evaluating. */
function statsOf(cost: QueryCost | null, total: Millis): object | null {
  if (cost === null) return null;
  const { samples, peak, preparing, evaluating, tiers } = cost;
  const timings = {
    evalTotalTime: (preparing + evaluating) / SECOND,
    resultSortTime: 0,
    queryPreparationTime: preparing / SECOND,
    innerEvalTime: evaluating / SECOND,
    execQueueTime: Math.max(0, total - preparing - evaluating) / SECOND,
    execTotalTime: total / SECOND,
  };
  return { timings, samples: { totalQueryableSamples: samples, peakSamples: peak }, tiers };
}

async function askInstant(parts: ServerParts, params: URLSearchParams, options: QueryOptions): Promise<QueryAnswer> {
  const time = timeParam(params, 'time', parts.world.clock.now());
  if ('error' in time) return time;
  return named(await parts.series.instant(params.get('query') ?? '', time.value, options));
}

async function askRange(parts: ServerParts, params: URLSearchParams, options: QueryOptions): Promise<QueryAnswer> {
  const start = neededTimeParam(params, 'start');
  if ('error' in start) return start;
  const end = neededTimeParam(params, 'end');
  if ('error' in end) return end;
  if (end.value < start.value) return badParam('end', 'end timestamp must not be before start time');
  const given = durationParam(params, 'step');
  if ('error' in given) return given;
  if (given.value === null) return badParam('step', 'cannot parse "" to a valid duration');
  const step = Math.trunc(given.value);
  if (step <= 0) {
    return badParam('step', 'zero or negative query resolution step widths are not accepted. Try a positive integer');
  }
  if (Math.floor((end.value - start.value) / step) > MOST_POINTS) return TOO_FINE;
  return named(await parts.series.range(params.get('query') ?? '', { start: start.value, end: end.value, step }, options));
}

/** What is wrong with the expression is wrong with the parameter `query`. */
function named(answer: QueryAnswer): QueryAnswer {
  return 'error' in answer && answer.errorType === 'bad_data' ? badParam('query', answer.error) : answer;
}
