import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Subject } from '../core/access/allow.ts';
import type { Problem } from '../core/base/problem.ts';
import { refuse, type Result } from '../core/base/result.ts';
import type { Endpoint } from '../contract/endpoint.ts';
import { strictly, type AnswerOf, type BodyOf, type ParamsOf, type QueryOf } from '../contract/infer.ts';
import { paramsOf, principalOf } from './gate.ts';
import type { Asked, Handler, Verbs } from './parts.ts';
import { sendRefusal } from './refusal.ts';

/** What an endpoint that answers anybody gets. */
type OpenAsked<E extends Endpoint> = Pick<Asked<E>, 'params' | 'query' | 'body'>;
export type OpenHandler<E extends Endpoint> = (
  asked: OpenAsked<E>,
  exchange: { readonly request: FastifyRequest; readonly reply: FastifyReply },
) => Promise<Result<AnswerOf<E>>>;

export const SMALL_BODY_BYTES = 1024 * 1024;
const LONGEST_PARAM = 300;
const LONGEST_KEY = 200;

/** Registers every endpoint of a noun. */
export function registerAll<const G extends Readonly<Record<string, Endpoint>>>(server: FastifyInstance, group: G, verbs: Verbs<G>): void {
  for (const key of Object.keys(group)) {
    const declared = group[key];
    if (declared !== undefined && declared.access !== null) register(server, declared, verbs[key as keyof G] as Handler<Endpoint>);
  }
}

/** Registers one endpoint of the contract: who may, what comes in, what goes out, all as it declares. */
function register<const E extends Endpoint>(server: FastifyInstance, declared: E, handler: Handler<E>): void {
  registerOpen(server, declared, (asked, { request }) => {
    const key = request.headers['idempotency-key'];
    const idempotencyKey = typeof key === 'string' && key !== '' ? key : null;
    if (idempotencyKey !== null && idempotencyKey.length > LONGEST_KEY) {
      return Promise.resolve(refuse('bad_request', `The Idempotency-Key is longer than ${LONGEST_KEY} characters.`));
    }
    return handler({ ...asked, principal: principalOf(request), idempotencyKey });
  });
}

/** The same for an endpoint that sees the exchange itself: it sets cookies, or has to find out who asks. */
export function registerOpen<const E extends Endpoint>(server: FastifyInstance, declared: E, handler: OpenHandler<E>): void {
  const { method, path, access } = declared;
  const url = path.replaceAll(/\{(\w+)\}/g, ':$1');
  const subject = subjectOf(path);
  const gate = { access, ...(subject !== null && { subject }) };
  server.route({
    method,
    url,
    config: { gate },
    bodyLimit: SMALL_BODY_BYTES,
    handler: (request, reply) => answer(declared, handler, request, reply),
  });
}

/** The endpoints below an action are about that action: a token for certain actions may be one for this. */
function subjectOf(path: string): ((params: Readonly<Record<string, string>>) => Subject) | null {
  if (!path.startsWith('/api/actions/{name}')) return null;
  return ({ name }) => (name === undefined ? {} : { action: name });
}

async function answer<const E extends Endpoint>(
  declared: E,
  handler: OpenHandler<E>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const problems: Problem[] = [];
  const params = paramsOf(request);
  if (Object.values(params).some((value) => value.length > LONGEST_PARAM)) {
    return sendRefusal(reply, { code: 'not_found', message: 'There is nothing of so long a name.' });
  }
  const query = declared.query === undefined ? {} : parse(declared.query, request.query, problems);
  const body = declared.body === undefined ? undefined : parse(declared.body, request.body ?? {}, problems);
  if (problems.length > 0) return sendRefusal(reply, { code: 'bad_request', message: 'The request is not understood.', problems });
  const asked = { params: params as ParamsOf<E>, query: query as QueryOf<E>, body: body as BodyOf<E> };
  const result = await handler(asked, { request, reply });
  if ('error' in result) return sendRefusal(reply, result.error);
  void reply.code(declared.status ?? 200).header('cache-control', 'no-store');
  return reply.send(declared.response === null ? undefined : result.ok);
}

function parse(schema: NonNullable<Endpoint['body']>, value: unknown, problems: Problem[]): unknown {
  const parsed = strictly(schema).safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) problems.push({ path: path.map(String).join('.'), message });
  return undefined;
}
